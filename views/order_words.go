package views

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"guiche/store"
)

// headline is the state of an order in one sentence: what a fan sees first and a screen reader announces.
func headline(ctx context.Context, f Frame, m OrderModel) string {
	if m.shopCancelled() {
		return T(ctx, "order.cancelled")
	}
	n := m.Order.Quantity
	switch m.status() {
	case store.Queued:
		switch {
		case m.Place == 1:
			return T(ctx, "order.next")
		case m.Place > 1:
			return T(ctx, "order.place", "Place", Ordinal(ctx, m.Place))
		}
		return T(ctx, "order.in_line")
	case store.Waiting:
		if m.Place > 0 {
			return T(ctx, "order.waiting_place", "Place", Ordinal(ctx, m.Place))
		}
		return T(ctx, "order.waiting")
	case store.Reserved:
		switch {
		case paidAlready(m):
			return T(ctx, "order.captured")
		case m.pending():
			return T(ctx, "order.bank")
		case !f.Now.Before(m.Order.ReservedUntil):
			return T(ctx, "order.time_up")
		case m.told():
			return T(ctx, "order.bank")
		}
		return N(ctx, "order.reserved", n)
	case store.Paid:
		if m.blocked() {
			return T(ctx, "order.blocked")
		}
		if m.Order.AmountCents() == 0 {
			return N(ctx, "order.confirmed", max(len(m.valid()), 1))
		}
		return N(ctx, "order.paid", max(len(m.valid()), 1))
	case store.Refunded:
		return T(ctx, "order.refunded")
	case store.SoldOut:
		return T(ctx, "order.sold_out")
	case store.OverLimit:
		return T(ctx, "order.over_limit")
	case store.Left:
		if m.SetAside {
			return T(ctx, "order.set_aside")
		}
		return T(ctx, "order.gave_up")
	case store.Expired:
		return T(ctx, "order.expired")
	case store.OrderCancelled:
		return T(ctx, "order.cancelled")
	}
	return T(ctx, "order.facts")
}

// waitingWords says what may still come back to the return list.
func waitingWords(ctx context.Context, m OrderModel) string {
	switch {
	case m.Holds == 0:
		return T(ctx, "order.waiting_sold")
	case m.Holds > 0:
		return N(ctx, "order.waiting_held", m.Holds)
	}
	return T(ctx, "order.waiting_more")
}

// lostWords is what the script says when it cannot reach the shop: what is safe.
func lostWords(ctx context.Context, m OrderModel) string {
	switch m.Order.Status {
	case store.Queued, store.Waiting:
		return T(ctx, "live.lost_place")
	case store.Reserved:
		return T(ctx, "live.lost_hold")
	}
	return T(ctx, "live.lost_money")
}

// warnings are the words for the last minutes, by how many are left, for the script to have them read aloud.
func warnings(ctx context.Context) string {
	words := map[int]string{}
	for _, n := range []int{5, 2, 1} {
		words[n] = N(ctx, "order.minutes_left", n)
	}
	b, _ := json.Marshal(words) // strings never fail
	return string(b)
}

// endWords says what happened to an order that ended without tickets, and what to do next.
func endWords(ctx context.Context, m OrderModel) string {
	switch m.Order.Status {
	case store.SoldOut:
		return T(ctx, "order.sold_out_more")
	case store.OverLimit:
		return N(ctx, "order.over_limit_more", max(m.Order.PerPerson, 1))
	case store.Left:
		if m.SetAside {
			return T(ctx, "order.set_aside_more")
		}
		return T(ctx, "order.gave_up_more")
	case store.Expired:
		if m.late() {
			return T(ctx, "order.expired_late")
		}
		return T(ctx, "order.expired_more")
	case store.OrderCancelled:
		return T(ctx, "order.cancelled_more")
	}
	return ""
}

// safeWords says what the fan need not worry about.
func safeWords(ctx context.Context, m OrderModel) string {
	if m.owed() > 0 || m.back() > 0 {
		return T(ctx, "order.safe_refund")
	}
	if m.late() {
		return T(ctx, "order.safe_late")
	}
	return T(ctx, "order.safe_nothing")
}

// blocked reports whether the money of all tickets that stand is gone, so that none is good for entry.
func (m OrderModel) blocked() bool {
	return len(m.valid()) == 0 && slices.ContainsFunc(m.Order.Tickets, func(t store.Ticket) bool {
		return t.Status != store.TicketVoid && !t.BlockedAt.IsZero()
	})
}

// tickets are those of the order's last hold: one that waited again after its hold had ended has undone ones before them.
func (m OrderModel) tickets() []store.Ticket {
	all := m.Order.Tickets
	return all[max(len(all)-m.Order.Quantity, 0):]
}

// valid are the tickets that are still good for entry.
func (m OrderModel) valid() (ts []store.Ticket) {
	for _, t := range m.Order.Tickets {
		if t.Good() {
			ts = append(ts, t)
		}
	}
	return ts
}

// payBy and payInstead label the buttons of the payment methods.
func payBy(ctx context.Context, method, amount string) string {
	if method == "pix" {
		return T(ctx, "order.pay_pix", "Amount", amount)
	}
	return T(ctx, "order.pay_card", "Amount", amount)
}

func withheldWords(ctx context.Context, method string) string {
	if method == "pix" {
		return T(ctx, "order.withheld_pix")
	}
	return T(ctx, "order.withheld_card")
}

func payInstead(ctx context.Context, method string) string {
	if method == "pix" {
		return T(ctx, "order.pay_instead_pix")
	}
	return T(ctx, "order.pay_instead_card")
}

func ticketNumber(t store.Ticket) string { return pad(t.Number) }

// pad writes a ticket number with at least four digits, so that the numbers of an event have the same width.
func pad(n int64) string {
	s := strconv.FormatInt(n, 10)
	for len(s) < 4 {
		s = "0" + s
	}
	return s
}

// ticketState is the state of a ticket in a few words.
func ticketState(ctx context.Context, t store.Ticket) string {
	if !t.BlockedAt.IsZero() && t.Status != store.TicketVoid {
		return T(ctx, "ticket.blocked")
	}
	switch t.Status {
	case store.TicketValid:
		return T(ctx, "ticket.valid")
	case store.TicketUsed:
		return T(ctx, "ticket.used")
	case store.TicketReserved:
		return T(ctx, "ticket.reserved")
	}
	return T(ctx, "ticket.void")
}

// ticketStateAt is ticketState, except that every ticket of a cancelled event is void.
func ticketStateAt(ctx context.Context, e store.Event, t store.Ticket) string {
	if e.Status == store.EventCancelled {
		return T(ctx, "ticket.void")
	}
	return ticketState(ctx, t)
}
