package views

import (
	"context"
	"slices"
	"time"

	"guiche/store"
)

// step is one event in the history of an order.
type step struct {
	at    time.Time
	key   string
	cents int64  // money that moved, if any
	unit  string // its currency
}

func (s step) words(ctx context.Context) string {
	if s.unit == "" {
		return T(ctx, s.key)
	}
	return T(ctx, s.key, "Amount", Money(ctx, s.cents, s.unit))
}

// story is the history of the order, oldest first.
func (m OrderModel) story() (steps []step) {
	o := m.Order
	free := o.AmountCents() == 0
	add := func(at time.Time, key string, cents int64) {
		if !at.IsZero() {
			s := step{at: at, key: key}
			if cents > 0 {
				s.cents, s.unit = cents, o.Currency
			}
			steps = append(steps, s)
		}
	}
	add(o.AcceptedAt, "story.joined", 0)
	add(o.WaitedAt, "story.waiting", 0)
	if !o.ReservedUntil.IsZero() {
		add(o.DecidedAt, "story.reserved", 0)
		if !o.LateAt.IsZero() || o.PaidAt.IsZero() && !o.EndedAt.Before(o.ReservedUntil) { // it came before anything else ended the hold
			add(o.ReservedUntil, "story.deadline", 0)
		}
	}
	switch {
	case free:
		add(o.PaidAt, "story.confirmed", 0)
	case o.LateAt.IsZero():
		add(o.PaidAt, "story.paid", o.AmountCents())
	default:
		add(o.LateAt, "story.paid_late", o.AmountCents())
	}
	switch o.Status {
	case store.Expired:
		add(o.EndedAt, "story.expired", 0)
	case store.Left:
		add(o.EndedAt, "story.left", 0)
	case store.SoldOut:
		add(o.DecidedAt, "story.sold_out", 0)
	case store.OrderCancelled:
		add(o.EndedAt, "story.cancelled", 0)
	}
	for _, r := range o.Refunds {
		if r.AmountCents == 0 {
			add(r.AskedAt, "story.given_back", 0)
			continue
		}
		add(r.AskedAt, "story.refund_owed", r.AmountCents)
		if r.Status == store.RefundDone {
			add(r.DoneAt, "story.refund_done", r.AmountCents)
		}
		add(r.SettledAt, "story.refund_settled", r.RestCents())
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	return steps
}
