package views

import (
	"time"

	"guiche/store"
)

// RefundModel is the page that says how much of an order would be refunded.
type RefundModel struct {
	Event          store.Event
	Type           store.TicketType
	Order          store.Order // with its tickets
	PerTicketCents int64       // refunded for one ticket
	LeftCents      int64       // the most that can still be refunded of the order
	Until          time.Time   // the last moment to ask for a refund
	Refusal        Message     // why nothing can be refunded; zero if something can
	Form           Form        // field ticket
}

// returnable are the tickets that can be refunded.
func (m RefundModel) returnable() (ts []store.Ticket) {
	for _, t := range m.Order.Tickets {
		if t.Good() {
			ts = append(ts, t)
		}
	}
	return ts
}

// all is what would be refunded for all tickets together.
func (m RefundModel) all() int64 {
	return min(m.PerTicketCents*int64(len(m.returnable())), m.LeftCents)
}

// why is the reason to show when nothing can be refunded.
func (m RefundModel) why() Message {
	if m.Refusal.Zero() {
		return RefundNothing
	}
	return m.Refusal
}
