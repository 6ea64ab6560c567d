package views

// Form keeps what a person typed, and what is wrong with it, by field name. Passwords are never kept.
type Form struct {
	Values map[string]string
	Errors map[string]Message // "" is about the form as a whole
}

// NewForm makes a form that shows values and has no errors yet.
func NewForm(values map[string]string) Form {
	return Form{Values: values, Errors: map[string]Message{}}
}

// Fail notes what is wrong with a field; the first thing noted stays.
func (f *Form) Fail(field string, m Message) {
	if f.Errors == nil {
		f.Errors = map[string]Message{}
	}
	if _, ok := f.Errors[field]; !ok {
		f.Errors[field] = m
	}
}

// OK says that nothing is wrong.
func (f Form) OK() bool { return len(f.Errors) == 0 }

// Value is what was typed into a field, or what it starts with.
func (f Form) Value(field string) string { return f.Values[field] }

// Error is what is wrong with a field; the zero Message if nothing is.
func (f Form) Error(field string) Message { return f.Errors[field] }
