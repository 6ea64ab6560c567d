package web

import (
	"slices"
	"strings"

	"guiche/views"
)

// editForm changes what stands already: only what was touched since the form was opened is read, checked and written. So
// an old form undoes nobody's work, and a value that the form cannot show exactly stays as it is.
type editForm struct {
	fieldReader
	seen map[string]string // what the form showed; nil if everything counts as touched, as in a new one
}

// newForm is a form of something that does not exist yet.
func newForm(form *views.Form, language string) *editForm {
	return &editForm{fieldReader: fieldReader{form, language}}
}

// readEdit compares a posted form with what it showed and with what stands now: a field that somebody else has changed
// meanwhile is asked about.
func readEdit(form *views.Form, language, seen string, now map[string]string) *editForm {
	e := &editForm{fieldReader{form, language}, views.ReadSeen(seen)}
	for name, shown := range e.seen {
		e.seen[name] = cleanField(name, shown)
		if typed := form.Value(name); typed != e.seen[name] && !e.same(name, typed, now[name]) && shown != now[name] {
			form.Fail(name, views.ChangedMeanwhile)
		} else if typed == e.seen[name] && shown != now[name] {
			form.Values[name] = now[name] // not touched: what is shown next is what stands, so that it stays so
			e.seen[name] = cleanField(name, now[name])
		}
	}
	return e
}

// same says that a field means one value, however it was typed: whoever sends her change twice disagrees with nobody.
func (f *editForm) same(name, typed, now string) bool {
	switch name {
	case "price", "fee":
		a, err := views.ParseMoney(f.language, typed)
		b, unreadable := views.ParseMoney(f.language, now)
		return err == nil && unreadable == nil && a == b
	case "currency":
		return strings.EqualFold(typed, now)
	}
	return typed == now
}

// touched says whether one of the fields was changed.
func (f *editForm) touched(names ...string) bool {
	return f.seen == nil || slices.ContainsFunc(names, func(name string) bool {
		return f.form.Value(name) != f.seen[name]
	})
}
