package sandbox

import (
	"time"

	"guiche/payment"
)

// fate is what the payer's bank makes of a payment.
type fate struct {
	to     payment.Status // Paid or Declined
	reason declineReason  // of Declined
	flight time.Duration  // Pending for so long first
	late   time.Duration  // counted only so long after the charge has ended; nothing is told until then
	word   bool           // it ends a payment that is pending, and begins none
}

// first is the state that a payment of this fate brings an open charge to, unless it is late.
func (f fate) first() payment.Status {
	if f.flight > 0 {
		return payment.Pending
	}
	return f.to
}

// declineReason is why a bank said no.
type declineReason string

const (
	insufficientFunds declineReason = "insufficient_funds"
	refusedByIssuer   declineReason = "refused_by_issuer"
)

// noticeFate is what becomes of a notice on its way.
type noticeFate struct {
	lost   bool
	late   time.Duration
	behind bool // the one that comes next
	twice  bool
}

// refundFate is what becomes of a refund.
type refundFate struct {
	slow       time.Duration
	refused    bool
	lostAnswer bool // of the call that makes it; repeating it is answered
}

// fate is drawn once per charge.
func (c Cruelty) fate(reference string) fate {
	if c.hits(c.Decline, "decline", reference, 0) {
		return fate{to: payment.Declined, reason: c.reason(reference)}
	}
	if d, ok := c.happens(c.Pending, "pending", reference, 0); ok {
		return fate{to: payment.Paid, flight: d}
	}
	if d, ok := c.happens(c.PendingDecline, "pending_decline", reference, 0); ok {
		return fate{to: payment.Declined, reason: c.reason(reference), flight: d}
	}
	if d, ok := c.happens(c.LateMoney, "late_money", reference, 0); ok {
		return fate{to: payment.Paid, late: max(d, 1)} // at the very moment of the end it would not be late
	}
	return fate{to: payment.Paid}
}

func (c Cruelty) reason(reference string) declineReason {
	if c.draw("reason", reference, 0) < 0.5 {
		return insufficientFunds
	}
	return refusedByIssuer
}

func (c Cruelty) noticeFate(reference string, news noticeType) noticeFate {
	kind := " " + string(news)
	late, _ := c.happens(c.LateNotice, "late_notice"+kind, reference, 0)
	return noticeFate{
		lost:   c.hits(c.LostNotice, "lost_notice"+kind, reference, 0),
		late:   late,
		behind: c.hits(c.Reorder, "reorder"+kind, reference, 0),
		twice:  c.hits(c.Duplicate, "duplicate"+kind, reference, 0),
	}
}

// refundFate is that of the n-th refund of a charge.
func (c Cruelty) refundFate(reference string, n uint64) refundFate {
	slow, _ := c.happens(c.SlowRefund, "slow_refund", reference, n)
	return refundFate{slow: slow, refused: c.hits(c.RefusedRefund, "refused_refund", reference, n)}
}
