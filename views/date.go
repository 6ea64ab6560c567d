package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Keys of the names that dates are written with.
var (
	weekdayKeys = [...]string{"weekday.sun", "weekday.mon", "weekday.tue", "weekday.wed", "weekday.thu", "weekday.fri", "weekday.sat"}
	monthKeys   = [...]string{
		"month.jan", "month.feb", "month.mar", "month.apr", "month.may", "month.jun",
		"month.jul", "month.aug", "month.sep", "month.oct", "month.nov", "month.dec",
	}
)

// fieldLayouts are the fields of CLDR's date patterns that Go can write, as Go's layouts; writeField writes the others.
var fieldLayouts = map[string]string{
	"y": "2006", "MM": "01", "M": "1", "dd": "02", "d": "2",
	"HH": "15", "hh": "03", "h": "3", "mm": "04", "ss": "05",
}

// writeDate writes t by the pattern of a key. Locale files hold CLDR's patterns
// (https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table) with the fields that writeField knows.
func writeDate(ctx context.Context, key string, t time.Time, loc *time.Location) string {
	t = t.In(loc)
	var b strings.Builder
	for pattern := T(ctx, key); pattern != ""; {
		field := firstField(pattern)
		s, _ := writeField(ctx, field, t)
		b.WriteString(s)
		pattern = pattern[len(field):]
	}
	return b.String()
}

// firstField is the first part of a pattern: a literal in quotes, or a run of one character.
func firstField(pattern string) string {
	if literal, _, closed := strings.Cut(pattern[1:], "'"); pattern[0] == '\'' && closed {
		return pattern[:len(literal)+2]
	}
	first, _ := utf8.DecodeRuneInString(pattern)
	return pattern[:len(pattern)-len(strings.TrimLeft(pattern, string(first)))]
}

// writeField writes one part of a pattern. A field that it does not know stays as it is; a test proves that there is none.
func writeField(ctx context.Context, field string, t time.Time) (_ string, known bool) {
	switch layout, ok := fieldLayouts[field]; {
	case ok:
		return t.Format(layout), true
	case field == "EEE":
		return T(ctx, weekdayKeys[t.Weekday()]), true
	case field == "MMM":
		return T(ctx, monthKeys[t.Month()-1]), true
	case field == "H":
		return strconv.Itoa(t.Hour()), true
	case field == "a" && t.Hour() < 12:
		return T(ctx, "date.am"), true
	case field == "a":
		return T(ctx, "date.pm"), true
	}
	first, _ := utf8.DecodeRuneInString(field)
	return strings.Trim(field, "'"), !unicode.IsLetter(first)
}

// When writes a date and a time of day as people write them: sáb., 12 de dez. de 2026, 21h · Sat, Dec 12, 2026, 9 pm.
// The time zone is loc, usually the event's.
func When(ctx context.Context, t time.Time, loc *time.Location) string {
	return T(ctx, "date.when", "Day", Day(ctx, t, loc), "Clock", Clock(ctx, t, loc))
}

// Moment writes when something happened, to the second: 12/11/2026 21:04:05 · Nov 12, 2026 9:04:05 pm.
func Moment(ctx context.Context, t time.Time, loc *time.Location) string {
	return writeDate(ctx, "date.moment", t, loc)
}

// stamp writes a time to the second, to be compared with other records: 12/11/2026 21:04:05 · 2026-11-12 21:04:05.
func stamp(ctx context.Context, t time.Time, loc *time.Location) string {
	return writeDate(ctx, "date.stamp", t, loc)
}

// Day writes a date: sáb., 12 de dez. de 2026 · Sat, Dec 12, 2026.
func Day(ctx context.Context, t time.Time, loc *time.Location) string {
	return writeDate(ctx, "date.day", t, loc)
}

// Clock writes a time of day: 21h, 21h30 · 9 pm, 9:30 pm.
func Clock(ctx context.Context, t time.Time, loc *time.Location) string {
	if t.In(loc).Minute() == 0 {
		return writeDate(ctx, "date.hour", t, loc)
	}
	return writeDate(ctx, "date.clock", t, loc)
}

// Span writes a duration in its largest sensible unit, rounded up so that nobody comes back too early.
func Span(ctx context.Context, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d >= 48*time.Hour:
		return N(ctx, "span.days", up(24*time.Hour))
	case d >= 2*time.Hour:
		return N(ctx, "span.hours", up(time.Hour))
	case d >= 2*time.Minute || d == time.Minute:
		return N(ctx, "span.minutes", up(time.Minute))
	}
	return N(ctx, "span.seconds", max(up(time.Second), 1))
}

// Countdown writes the time left as a clock does: 2 d 03:04:05, 03:04:05 or 04:05. app.js counts on in the same format.
func Countdown(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	clock := fmt.Sprintf("%02d:%02d", s/60%60, s%60)
	switch {
	case s >= 86400:
		return fmt.Sprintf("%d d %02d:%s", s/86400, s/3600%24, clock)
	case s >= 3600:
		return fmt.Sprintf("%02d:%s", s/3600, clock)
	}
	return clock
}

// shortMonth is the month as a tear-off calendar shows it: without the period of its abbreviation.
func shortMonth(ctx context.Context, t time.Time, loc *time.Location) string {
	return strings.TrimSuffix(T(ctx, monthKeys[t.In(loc).Month()-1]), ".")
}

func dayOfMonth(t time.Time, loc *time.Location) string { return strconv.Itoa(t.In(loc).Day()) }

// zone writes the time zone as its offset from Greenwich: GMT−3, GMT+5:30.
func zone(t time.Time, loc *time.Location) string {
	_, s := t.In(loc).Zone()
	sign := "+"
	if s < 0 {
		sign, s = "−", -s
	}
	if m := s / 60 % 60; m != 0 {
		return fmt.Sprintf("GMT%s%d:%02d", sign, s/3600, m)
	}
	return fmt.Sprintf("GMT%s%d", sign, s/3600)
}
