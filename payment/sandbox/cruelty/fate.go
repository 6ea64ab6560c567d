package cruelty

import (
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
)

// Fate is what the payer's bank makes of a payment.
type Fate struct {
	To     payment.Status // Paid or Declined
	Reason DeclineReason  // of Declined
	Flight time.Duration  // Pending for so long first
	Late   time.Duration  // counted only so long after the charge has ended; nothing is told until then
	Word   bool           // it ends a payment that is pending, and begins none
}

// First is the state that a payment of this fate brings an open charge to, unless it is late.
func (f Fate) First() payment.Status {
	if f.Flight > 0 {
		return payment.Pending
	}
	return f.To
}

// DeclineReason is why a bank said no.
type DeclineReason string

const (
	InsufficientFunds DeclineReason = "insufficient_funds"
	RefusedByIssuer   DeclineReason = "refused_by_issuer"
)

// NoticeFate is what becomes of a notice on its way.
type NoticeFate struct {
	Lost   bool
	Late   time.Duration
	Behind bool // the one that comes next
	Twice  bool
}

// RefundFate is what becomes of a refund.
type RefundFate struct {
	Slow       time.Duration
	Refused    bool
	LostAnswer bool // of the call that makes it; repeating it is answered
}

// RefusesCharge tells whether a charge is never made.
func (c Cruelty) RefusesCharge(reference string) bool {
	return c.hits(c.RefusedCharge, "refused_charge", reference, 0)
}

// Fate is drawn once per charge.
func (c Cruelty) Fate(reference string) Fate {
	if c.hits(c.Decline, "decline", reference, 0) {
		return Fate{To: payment.Declined, Reason: c.reason(reference)}
	}
	if d, ok := c.happens(c.Pending, "pending", reference, 0); ok {
		return Fate{To: payment.Paid, Flight: d}
	}
	if d, ok := c.happens(c.PendingDecline, "pending_decline", reference, 0); ok {
		return Fate{To: payment.Declined, Reason: c.reason(reference), Flight: d}
	}
	if d, ok := c.happens(c.LateMoney, "late_money", reference, 0); ok {
		return Fate{To: payment.Paid, Late: max(d, 1)} // at the very moment of the end it would not be late
	}
	return Fate{To: payment.Paid}
}

func (c Cruelty) reason(reference string) DeclineReason {
	if c.draw("reason", reference, 0) < 0.5 {
		return InsufficientFunds
	}
	return RefusedByIssuer
}

func (c Cruelty) NoticeFate(reference string, news sandbox.NoticeType) NoticeFate {
	kind := " " + string(news)
	late, _ := c.happens(c.LateNotice, "late_notice"+kind, reference, 0)
	return NoticeFate{
		Lost:   c.hits(c.LostNotice, "lost_notice"+kind, reference, 0),
		Late:   late,
		Behind: c.hits(c.Reorder, "reorder"+kind, reference, 0),
		Twice:  c.hits(c.Duplicate, "duplicate"+kind, reference, 0),
	}
}

// RefundFate is that of the n-th refund of a charge.
func (c Cruelty) RefundFate(reference string, n uint64) RefundFate {
	slow, _ := c.happens(c.SlowRefund, "slow_refund", reference, n)
	return RefundFate{Slow: slow, Refused: c.hits(c.RefusedRefund, "refused_refund", reference, n)}
}
