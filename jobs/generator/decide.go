package generator

import "guiche/store"

// Decide decides a batch: in order of number, each order gets all it asked for or nothing.
// It is pure: the same inputs always give the same decisions, however a line is cut into batches.
func Decide(d store.Inputs) []store.Decision {
	decisions := make([]store.Decision, len(d.Orders))
	for i, o := range d.Orders {
		holder := store.Holder{AccountID: o.AccountID, EventID: o.EventID}
		has := d.Holding[holder]
		status := verdict(o, has, d.Free[o.TicketTypeID], d.Held[o.TicketTypeID])
		switch status {
		case store.Reserved, store.Paid:
			d.Free[o.TicketTypeID] -= o.Quantity
			d.Held[o.TicketTypeID] = d.Held[o.TicketTypeID] || status == store.Reserved
			d.Holding[holder] = store.Holding{Tickets: has.Tickets + o.Quantity, Open: status == store.Reserved}
		case store.Waiting:
			d.Holding[holder] = store.Holding{Tickets: has.Tickets, Open: true}
		}
		decisions[i] = store.Decision{OrderID: o.ID, Status: status}
	}
	return decisions
}

// verdict is what becomes of one order. What does not fit waits while a hold may still come back, or for whatever
// comes back if the fan wants that; else it hears "sold out" now.
func verdict(o store.QueuedOrder, has store.Holding, free int, held bool) store.OrderStatus {
	switch {
	case has.Open || has.Tickets+o.Quantity > o.PerPerson:
		return store.OverLimit
	case o.Quantity > free && (held || o.Keep):
		return store.Waiting
	case o.Quantity > free:
		return store.SoldOut
	case o.AmountCents() == 0:
		return store.Paid // nothing to pay
	}
	return store.Reserved
}
