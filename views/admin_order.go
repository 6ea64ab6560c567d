package views

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
)

// AdminOrderModel is an order's full history, with the form to refund parts of it.
type AdminOrderModel struct {
	Event     store.Event
	Type      store.TicketType
	Order     store.Order // with its tickets and refunds
	Name      string      // of the account
	Email     string
	Charges   []store.Charge
	Movements []store.Movement
	Attempts  []store.RefundAttempt // to send its refunds, the oldest first
	Settling  uuid.UUID             // the refund whose form to settle it came back
	Settle    Form                  // field note
	Admins    map[int64]string      // names, by id, of the admins who made refunds
	RefundID  uuid.UUID             // the id that the form's refund will have
	Form      Form                  // fields ticket, used, amount, note
	Chosen    map[int64]bool        // ids of the tickets that were ticked
}

// moments lists when the order entered each of its states.
func (m AdminOrderModel) moments() (steps []step) {
	o := m.Order
	until := o.ReservedUntil
	if !o.PaidAt.IsZero() && o.LateAt.IsZero() || !o.EndedAt.IsZero() && o.EndedAt.Before(until) {
		until = time.Time{} // it never came
	}
	for _, s := range []step{
		{at: o.AcceptedAt, key: "moment.accepted"},
		{at: o.WaitedAt, key: "moment.waited"},
		{at: o.DecidedAt, key: "moment.decided"},
		{at: until, key: "moment.until"},
		{at: o.LateAt, key: "moment.late"},
		{at: o.PaidAt, key: "moment.paid"},
		{at: o.EndedAt, key: "moment.ended"},
	} {
		if !s.at.IsZero() {
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	return steps
}

// extras says by how much the hold was extended, and why; empty if it was not.
func (m AdminOrderModel) extras(ctx context.Context) (words []string) {
	o := m.Order
	if o.Extended {
		words = append(words, T(ctx, "moment.extended"))
	}
	if o.RetryExtra > 0 {
		words = append(words, T(ctx, "moment.retry_extra", "Time", Span(ctx, time.Duration(o.RetryExtra)*time.Second)))
	}
	if o.OutageExtra > 0 {
		words = append(words, T(ctx, "moment.outage_extra", "Time", Span(ctx, time.Duration(o.OutageExtra)*time.Second)))
	}
	return words
}

func chargeWord(ctx context.Context, c store.Charge) string {
	switch c.Status {
	case store.ChargeNew:
		return T(ctx, "charges.new")
	case store.ChargeOpen:
		if c.Pending {
			return T(ctx, "charges.pending")
		}
		return T(ctx, "charges.open")
	case store.ChargeCaptured:
		return T(ctx, "charges.captured")
	case store.ChargeLate:
		return T(ctx, "charges.late")
	case store.ChargeSurplus:
		return T(ctx, "charges.surplus")
	case store.ChargeFailed:
		return T(ctx, "charges.failed")
	case store.ChargeCancelled:
		return T(ctx, "charges.cancelled")
	case store.ChargeAbandoned:
		return T(ctx, "charges.abandoned")
	}
	return string(c.Status)
}

func chargeTone(s store.ChargeStatus) string {
	switch s {
	case store.ChargeCaptured:
		return "tag-good"
	case store.ChargeNew, store.ChargeOpen, store.ChargeLate:
		return "tag-calm"
	case store.ChargeSurplus, store.ChargeAbandoned:
		return "tag-stop"
	}
	return ""
}

func adminOrderPath(id uuid.UUID, rest string) templ.SafeURL {
	return templ.SafeURL("/admin/orders/" + id.String() + rest)
}
