package web

import (
	"regexp"
	"time"

	"guiche/views"
)

// fieldReader reads fields of a form and notes the first thing wrong with each.
type fieldReader struct{ form *views.Form }

func (f fieldReader) text(name string, least, most int) string {
	v := f.form.Value(name)
	switch n := textLength(v); {
	case n < least:
		f.form.Fail(name, views.Missing)
	case n > most:
		f.form.Fail(name, views.TooLong)
	}
	return v
}

var wholeNumber = regexp.MustCompile(`^[0-9]{1,9}$`)

func (f fieldReader) number(name string, least, most int) int {
	v := f.form.Value(name)
	if v == "" {
		f.form.Fail(name, views.Missing)
		return least
	}
	if !wholeNumber.MatchString(v) {
		f.form.Fail(name, views.NotANumber)
		return least
	}
	n := 0
	for _, digit := range v {
		n = 10*n + int(digit-'0')
	}
	if n < least || n > most {
		f.form.Fail(name, views.OutOfRange)
	}
	return n
}

// wholeMoney matches amounts with one reading only: one sign between thousands, the other before cents.
var wholeMoney = regexp.MustCompile(`^(\d+([.,]\d{1,2})?|\d{1,3}(\.\d{3})+(,\d{1,2})?|\d{1,3}(,\d{3})+(\.\d{1,2})?)$`)

func (f fieldReader) money(name string, most int64) int64 {
	v := f.form.Value(name)
	if v == "" {
		f.form.Fail(name, views.Missing)
		return 0
	}
	cents, err := views.ParseMoney(v)
	if err != nil || !wholeMoney.MatchString(v) {
		f.form.Fail(name, views.MoneyBad)
		return 0
	}
	if cents > most {
		f.form.Fail(name, views.OutOfRange)
	}
	return cents
}

// moment reads a local time. Some browsers send seconds too.
func (f fieldReader) moment(name string, loc *time.Location) time.Time {
	v := f.form.Value(name)
	for _, layout := range []string{views.LocalTime, views.LocalTime + ":05"} {
		t, err := time.ParseInLocation(layout, v, loc)
		if err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return t
		}
	}
	f.form.Fail(name, views.TimeBad)
	return time.Time{}
}
