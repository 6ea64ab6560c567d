package views

import (
	"net/url"
	"slices"
	"strconv"
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
	Chosen         []int64     // ids of the tickets that are ticked, or that are to be confirmed
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

// ticked reports whether a ticket is chosen; the only one is, unless another choice was just refused.
func (m RefundModel) ticked(t store.Ticket) bool {
	return slices.Contains(m.Chosen, t.ID) || len(m.returnable()) == 1 && m.Form.OK()
}

// chosen are those of the chosen tickets that can be refunded.
func (m RefundModel) chosen() []store.Ticket {
	return slices.DeleteFunc(m.returnable(), func(t store.Ticket) bool { return !slices.Contains(m.Chosen, t.ID) })
}

// sum is what would be refunded for some tickets together.
func (m RefundModel) sum(tickets []store.Ticket) int64 {
	return min(m.PerTicketCents*int64(len(tickets)), m.LeftCents)
}

// all is what would be refunded for all tickets together.
func (m RefundModel) all() int64 { return m.sum(m.returnable()) }

// ChosenCents is what would be refunded for the chosen tickets.
func (m RefundModel) ChosenCents() int64 { return m.sum(m.chosen()) }

// why is the reason to show when nothing can be refunded.
func (m RefundModel) why() Message {
	if m.Refusal.Zero() {
		return RefundNothing
	}
	return m.Refusal
}

// path leads to the choice of tickets, with those ticked that are.
func (m RefundModel) path() string {
	choice := url.Values{}
	for _, t := range m.chosen() {
		choice.Add("ticket", strconv.FormatInt(t.ID, 10))
	}
	return m.action() + "?" + choice.Encode()
}

func (m RefundModel) action() string { return orderPath(m.Order) + "/refunds" }
