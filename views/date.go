package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var (
	weekdaysPT = [...]string{"dom.", "seg.", "ter.", "qua.", "qui.", "sex.", "sáb."}
	monthsPT   = [...]string{"jan.", "fev.", "mar.", "abr.", "maio", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."}
)

// When writes a day and an hour as people write them: sáb., 12 de dez. de 2026, 21h · Sat, Dec 12, 2026, 9 pm.
// The clock is that of loc, usually the event's.
func When(ctx context.Context, t time.Time, loc *time.Location) string {
	return Day(ctx, t, loc) + ", " + Clock(ctx, t, loc)
}

// Moment writes when something happened, to the second: 12/11/2026 21:04:05 · Nov 12, 2026 9:04:05 pm.
func Moment(ctx context.Context, t time.Time, loc *time.Location) string {
	if speakerOf(ctx).language == English {
		return t.In(loc).Format("Jan 2, 2006 3:04:05 pm")
	}
	return t.In(loc).Format("02/01/2006 15:04:05")
}

// Day writes a day: sáb., 12 de dez. de 2026 · Sat, Dec 12, 2026.
func Day(ctx context.Context, t time.Time, loc *time.Location) string {
	t = t.In(loc)
	if speakerOf(ctx).language == English {
		return t.Format("Mon, Jan 2, 2006")
	}
	return fmt.Sprintf("%s, %d de %s de %d", weekdaysPT[t.Weekday()], t.Day(), monthsPT[t.Month()-1], t.Year())
}

// Clock writes an hour: 21h, 21h30 · 9 pm, 9:30 pm.
func Clock(ctx context.Context, t time.Time, loc *time.Location) string {
	t = t.In(loc)
	switch english := speakerOf(ctx).language == English; {
	case english && t.Minute() == 0:
		return t.Format("3 pm")
	case english:
		return t.Format("3:04 pm")
	case t.Minute() == 0:
		return t.Format("15h")
	}
	return t.Format("15h04")
}

// Span writes a length of time in its largest sensible unit, rounded up so that nobody comes back too early.
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

// Countdown writes the time that is left as a clock shows it: 2 d 03:04:05, 03:04:05 or 04:05. app.js goes on from there in the same form.
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

// shortMonth is the month as the leaf of a calendar shows it.
func shortMonth(ctx context.Context, t time.Time, loc *time.Location) string {
	t = t.In(loc)
	if speakerOf(ctx).language == English {
		return t.Format("Jan")
	}
	return strings.TrimSuffix(monthsPT[t.Month()-1], ".")
}

func dayOfMonth(t time.Time, loc *time.Location) string { return strconv.Itoa(t.In(loc).Day()) }

// zone names the clock that an hour belongs to, as its distance from Greenwich: GMT−3, GMT+5:30.
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
