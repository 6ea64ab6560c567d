package web

import (
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// orderJSON is an order for programs; what does not apply is null. docs/design.md promises its fields.
type orderJSON struct {
	ID            uuid.UUID         `json:"id"`
	Event         string            `json:"event"` // slug
	TicketType    int64             `json:"ticket_type"`
	Quantity      int               `json:"quantity"`
	Status        store.OrderStatus `json:"status"`
	Number        *int64            `json:"number"`   // in the event's line
	Place         *int              `json:"place"`    // 1 is next
	Ahead         *int              `json:"ahead"`    // tickets of the type that those ahead want
	Decision      *int64            `json:"decision"` // order of deciding
	ReservedUntil *time.Time        `json:"reserved_until"`
	AmountCents   int64             `json:"amount_cents"`
	Currency      string            `json:"currency"`
	Tickets       []ticketJSON      `json:"tickets"`
}

type ticketJSON struct {
	ID     int64              `json:"id"`
	Number int64              `json:"number"`
	Status store.TicketStatus `json:"status"`
}

func newOrderJSON(m views.OrderModel) orderJSON {
	o := m.Order
	j := orderJSON{
		ID: o.ID, Event: m.Event.Slug, TicketType: o.TicketTypeID, Quantity: o.Quantity, Status: o.Status,
		Number: some(o.Number), Decision: some(o.Decision), AmountCents: o.AmountCents(), Currency: o.Currency,
		Tickets: make([]ticketJSON, 0, len(o.Tickets)),
	}
	if m.Place > 0 {
		j.Place, j.Ahead = &m.Place, &m.Ahead
	}
	if o.Status == store.Reserved {
		until := o.ReservedUntil.UTC()
		j.ReservedUntil = &until
	}
	for _, t := range o.Tickets {
		j.Tickets = append(j.Tickets, ticketJSON{t.ID, t.Number, t.Status})
	}
	return j
}

// some is nil for a number that counts from 1 and has not been given.
func some(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
