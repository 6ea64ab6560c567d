package views

import "strconv"

// sum adds up the books of all types.
func (m AdminEventModel) sum() (b Books) {
	for _, t := range m.Types {
		b = b.plus(t.Books)
	}
	return b
}

// failedNew reports whether the form for a new type came back with errors.
func (m AdminEventModel) failedNew() bool {
	return !m.Failed.OK() && m.FailedType == 0 && !m.FailedCapacity
}

// failedEdit reports whether the form of this type came back with errors.
func (m AdminEventModel) failedEdit(t TypeBooks) bool {
	return !m.Failed.OK() && m.FailedType == t.Type.ID && !m.FailedCapacity
}

func (m AdminEventModel) newTypeForm() Form {
	if m.failedNew() {
		return m.Failed
	}
	return NewForm(map[string]string{"position": strconv.Itoa(len(m.Types) + 1)})
}

func (m AdminEventModel) typeForm(language string, t TypeBooks) Form {
	if m.failedEdit(t) {
		return m.Failed
	}
	return NewForm(TypeValues(language, t.Type, m.Event.Currency))
}

func (m AdminEventModel) capacityForm(t TypeBooks) Form {
	if !m.Failed.OK() && m.FailedType == t.Type.ID && m.FailedCapacity {
		return m.Failed
	}
	return NewForm(map[string]string{"capacity": strconv.Itoa(t.Books.Capacity)})
}
