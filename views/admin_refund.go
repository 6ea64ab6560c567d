package views

import (
	"context"
	"slices"

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
	}
	return string(s)
}

func refundTone(s store.RefundStatus) string {
	switch s {
	case store.RefundDone:
		return "tag-good"
	case store.RefundRefused:
		return "tag-stop"
	}
	return "tag-calm"
}

func adminRefundRetry(id uuid.UUID) templ.SafeURL {
	return templ.SafeURL("/admin/refunds/" + id.String() + "/retry")
}
