package views

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
)

// AdminOrderModel is an order's whole story, and the form to give parts of it back.
type AdminOrderModel struct {
	Event     store.Event
	Type      store.TicketType
	Order     store.Order // with its tickets and refunds
	Name      string      // of the account
	Email     string
	Charges   []store.Charge
	Movements []store.Movement
	Admins    map[int64]string // names, of those who gave something back
	RefundID  uuid.UUID        // of the refund that the form would make
	Form      Form             // fields ticket, used, amount, note
	Chosen    map[int64]bool   // ids of the tickets that were ticked
}

// standing are the tickets that can be given back.
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

// refundable says that something can still be given back.
func (m AdminOrderModel) refundable() bool {
	return m.Order.Status == store.Paid && (len(m.standing()) > 0 || m.left() > 0)
}

func (m AdminOrderModel) left() int64 {
	if m.Order.Status != store.Paid {
		return 0
	}
	return store.RefundLeftCents(m.Order)
}

// moments lists when the order came to its states.
func (m AdminOrderModel) moments() (steps []step) {
	o := m.Order
	for _, s := range []step{
		{at: o.AcceptedAt, key: "moment.accepted"},
		{at: o.WaitedAt, key: "moment.waited"},
		{at: o.DecidedAt, key: "moment.decided"},
		{at: o.ReservedUntil, key: "moment.until"},
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

// extras is how much longer the hold became, in words; empty if it did not.
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

// refundTickets is how many tickets a refund took back, in words.
func refundTickets(ctx context.Context, r store.Refund) string {
	if r.Quantity == 0 {
		return T(ctx, "admin.no_tickets")
	}
	return N(ctx, "order.n_tickets", r.Quantity)
}

// AdminCancelModel is the page that says what cancelling an event does.
type AdminCancelModel struct {
	Event    store.Event
	Forecast store.CancelForecast
	InLine   int  // orders whose turn has not come
	Form     Form // field name
}

// AdminLedgerModel is one page of an event's ledger, with its sums.
type AdminLedgerModel struct {
	Event     store.Event
	Tills     []store.Till
	Movements []store.Movement // the newest first
	Page      int              // from 1
	More      bool             // there is a next page
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

func movementWord(ctx context.Context, k store.MovementKind) string {
	switch k {
	case store.MovedCaptured:
		return T(ctx, "ledger.captured")
	case store.MovedFee:
		return T(ctx, "ledger.fee")
	case store.MovedRefundOwed:
		return T(ctx, "ledger.refund_owed")
	case store.MovedFeeReturned:
		return T(ctx, "ledger.fee_returned")
	case store.MovedRefundSent:
		return T(ctx, "ledger.refund_sent")
	}
	return string(k)
}

func adminOrderPath(id uuid.UUID, rest string) templ.SafeURL {
	return templ.SafeURL("/admin/orders/" + id.String() + rest)
}

func adminRefundRetry(id uuid.UUID) templ.SafeURL {
	return templ.SafeURL("/admin/refunds/" + id.String() + "/retry")
}

func ledgerPage(m AdminLedgerModel, page int) templ.SafeURL {
	return adminEvent(m.Event.ID, "/ledger?"+url.Values{"page": {strconv.Itoa(page)}}.Encode())
}

// shopZone is the clock of what belongs to no event.
func shopZone() *time.Location { return store.Event{TimeZone: "America/Sao_Paulo"}.Location() }
