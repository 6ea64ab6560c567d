package web

import (
	"regexp"
	"time"

	"guiche/views"
)

// fieldReader reads fields of a form and notes the first thing wrong with each.
type fieldReader struct {
	form     *views.Form
	language string // that money is typed in
}

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

func (f fieldReader) money(name string, most int64) int64 {
	v := f.form.Value(name)
	if v == "" {
		f.form.Fail(name, views.Missing)
		return 0
	}
	cents, err := views.ParseMoney(f.language, v)
	if err != nil {
		f.form.Fail(name, views.MoneyBad)
		return 0
	}
	if cents > most {
		f.form.Fail(name, views.OutOfRange)
	}
	return cents
}

// moment reads a local time. An hour that clocks skip is none, and of one that comes twice it has to be said which.
func (f fieldReader) moment(name string, loc *time.Location) time.Time {
	moments, ok := views.LocalMoments(f.form.Value(name), loc)
	switch {
	case !ok:
		f.form.Fail(name, views.TimeBad)
	case len(moments) == 0:
		f.form.Fail(name, views.TimeSkipped)
	case len(moments) == 1:
		return moments[0]
	default:
		for _, at := range moments {
			if f.form.Value(views.OffsetField(name)) == views.Offset(at) {
				return at
			}
		}
		f.form.Fail(name, views.TimeTwice)
	}
	return time.Time{}
}
