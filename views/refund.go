package views

import (
	"time"

	"guiche/store"
)

// RefundModel is the page that says what would come back for an order's tickets.
type RefundModel struct {
	Event          store.Event
	Type           store.TicketType
	Order          store.Order // with its tickets
	PerTicketCents int64       // what comes back for one ticket
	LeftCents      int64       // what can still come back of the order
	Until          time.Time   // last moment to ask
	Refusal        Message     // why nothing can be given back; zero if it can
	Form           Form        // field ticket
}

// returnable are the tickets that can be given back.
func (m RefundModel) returnable() (ts []store.Ticket) {
	for _, t := range m.Order.Tickets {
		if t.Status == store.TicketValid {
			ts = append(ts, t)
		}
	}
	return ts
}

// all is what comes back for all tickets.
func (m RefundModel) all() int64 {
	return min(m.PerTicketCents*int64(len(m.returnable())), m.LeftCents)
}

// why is the reason to show when nothing can be given back.
func (m RefundModel) why() Message {
	if m.Refusal.Zero() {
		return RefundNothing
	}
	return m.Refusal
}
