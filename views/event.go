package views

import (
	"strconv"

	"github.com/google/uuid"

	"guiche/store"
)

// EventModel is an event's page with its buy form.
type EventModel struct {
	Event   store.Event
	Left    Left
	OrderID uuid.UUID    // for the buy form; the posted one when the form comes back
	Mine    *store.Order // the account's open order for this event, or nil
	Owned   int          // tickets that the account has bought for this event
	Form    Form         // fields ticket_type, quantity
}

// most is how many tickets can still be asked for in one order.
func (m EventModel) most() int { return m.Event.PerPerson - m.Owned }

// soldOut reports whether every ticket type is known to be sold out.
func (m EventModel) soldOut() bool { return EventCard{Event: m.Event, Left: m.Left}.soldOut() }

// chosen reports whether the form shows a ticket type as selected: the one chosen before, or the only one.
func (m EventModel) chosen(t store.TicketType) bool {
	if v := m.Form.Value("ticket_type"); v != "" {
		return v == strconv.FormatInt(t.ID, 10)
	}
	return len(m.Event.Types) == 1
}
