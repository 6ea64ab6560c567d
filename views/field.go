package views

import "strings"

// field is one labelled input of a form.
type field struct {
	Name     string // of the field, and its id unless ID is given
	ID       string
	Label    string
	Hint     string
	Type     string // text, email, password, number, datetime-local; area for a text of several lines
	Fill     string // autocomplete
	Mode     string // inputmode
	Max      int    // longest text; 0 for no limit
	Optional bool
}

func (f field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// describedBy lists the ids of the field's hints and error, for screen readers.
func (f field) describedBy(form Form) string {
	var ids []string
	if wrong := form.Error(f.Name); !wrong.Zero() {
		ids = append(ids, f.id()+"-wrong")
	}
	if f.Type == "password" && !form.OK() {
		ids = append(ids, f.id()+"-again")
	}
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	return strings.Join(ids, " ")
}
