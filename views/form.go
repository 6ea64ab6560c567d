package views

// Form holds what a person typed and what is wrong with it, by field name. It never holds passwords.
type Form struct {
	Values map[string]string
	Errors map[string]Message // "" is the form as a whole
}

// NewForm makes a form with these values and no errors.
func NewForm(values map[string]string) Form {
	return Form{Values: values, Errors: map[string]Message{}}
}

// Fail records what is wrong with a field; the first error of a field wins.
func (f *Form) Fail(field string, m Message) {
	if f.Errors == nil {
		f.Errors = map[string]Message{}
	}
	if _, ok := f.Errors[field]; !ok {
		f.Errors[field] = m
	}
}

// OK reports whether the form has no errors.
func (f Form) OK() bool { return len(f.Errors) == 0 }

// Value is what was typed into a field, or its initial value.
func (f Form) Value(field string) string { return f.Values[field] }

// Error is what is wrong with a field, or the zero Message.
func (f Form) Error(field string) Message { return f.Errors[field] }
