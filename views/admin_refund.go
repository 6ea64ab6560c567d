package views

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
)

// standing are the tickets that can be refunded.
func (m AdminOrderModel) standing() (ts []store.Ticket) {
	for _, t := range m.Order.Tickets {
		if t.Status == store.TicketValid || t.Status == store.TicketUsed {
			ts = append(ts, t)
		}
	}
	return ts
}

func (m AdminOrderModel) anyUsed() bool {
	return slices.ContainsFunc(m.standing(), func(t store.Ticket) bool { return t.Status == store.TicketUsed })
}

// refundable reports whether anything can still be refunded.
func (m AdminOrderModel) refundable() bool {
	return m.Order.Status == store.Paid && (len(m.standing()) > 0 || m.left() > 0)
}

func (m AdminOrderModel) left() int64 {
	if m.Order.Status != store.Paid {
		return 0
	}
	return store.RefundLeftCents(m.Order)
}

// attempts are those to send a refund.
func (m AdminOrderModel) attempts(r store.Refund) (own []store.RefundAttempt) {
	for _, a := range m.Attempts {
		if a.RefundID == r.ID {
			own = append(own, a)
		}
	}
	return own
}

// retrying reports whether a refund that was refused is being tried again.
func (m AdminOrderModel) retrying(r store.Refund) bool {
	return r.Status == store.RefundRefused &&
		slices.ContainsFunc(m.attempts(r), func(a store.RefundAttempt) bool { return a.Result == "" })
}

// settleable are the refunds that an admin may settle outside: as the store judges when she does.
func (m AdminOrderModel) settleable(now time.Time) (all []store.Refund) {
	for _, r := range m.Order.Refunds {
		old := r.Status == store.RefundOwed && r.AskedAt.Before(now.Add(-24*time.Hour))
		if old || r.Status == store.RefundRefused && (!m.retrying(r) || r.AskedAt.Before(now.Add(-24*time.Hour))) {
			all = append(all, r)
		}
	}
	return all
}

// settleForm is the form of one refund, with what was typed into it.
func (m AdminOrderModel) settleForm(r store.Refund) Form {
	if m.Settling == r.ID {
		return m.Settle
	}
	return NewForm(nil)
}

// refundTickets says how many tickets a refund voided.
func refundTickets(ctx context.Context, r store.Refund) string {
	if r.Quantity == 0 {
		return T(ctx, "admin.no_tickets")
	}
	return N(ctx, "order.n_tickets", r.Quantity)
}

func reasonWord(ctx context.Context, reason string) string {
	switch reason {
	case "fan":
		return T(ctx, "reason.fan")
	case "admin":
		return T(ctx, "reason.admin")
	case "surplus":
		return T(ctx, "reason.surplus")
	case "cancelled":
		return T(ctx, "reason.cancelled")
	}
	return reason
}

func refundWord(ctx context.Context, s store.RefundStatus) string {
	switch s {
	case store.RefundOwed:
		return T(ctx, "refunds.owed")
	case store.RefundDone:
		return T(ctx, "refunds.done")
	case store.RefundRefused:
		return T(ctx, "refunds.refused")
	case store.RefundSettled:
		return T(ctx, "refunds.settled")
	}
	return string(s)
}

func refundTone(s store.RefundStatus) string {
	switch s {
	case store.RefundDone, store.RefundSettled:
		return "tag-good"
	case store.RefundRefused:
		return "tag-stop"
	}
	return "tag-calm"
}

func adminRefundSettle(id uuid.UUID) templ.SafeURL {
	return templ.SafeURL("/admin/refunds/" + id.String() + "/settle")
}

func adminRefundRetry(id uuid.UUID) templ.SafeURL {
	return templ.SafeURL("/admin/refunds/" + id.String() + "/retry")
}
