package ledger

import (
	"crypto/rand"

	"guiche/payment"
)

// What becomes of a payment after it was made, as the page's buttons tell: somebody refunds it on the gateway's own pages,
// the payer's bank wants the money back and wins or loses, refunds that were done come back.
const (
	PanelRefund = "panel_refund" // with the field "cents", or all that is left
	Dispute     = "dispute"
	DisputeWon  = "dispute_won" // by the shop
	DisputeLost = "dispute_lost"
	RefundsFail = "refunds_fail"
)

// After changes a paid charge; changed says whether it could.
func (l *Ledger) After(id, outcome string, cents int64) (r Record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return Record{}, false, payment.ErrNotFound
	}
	r = l.current(id)
	now := l.now()
	left := r.Left(now)
	if cents == 0 {
		cents = left
	}
	switch {
	case r.Status != payment.Paid:
		return r, false, nil
	case outcome == PanelRefund && left > 0 && cents <= left:
		r.Refunds = append(r.Refunds, Refund{
			Key: "panel-" + rand.Text(), ID: "re_" + rand.Text(), AmountCents: cents, CreatedAt: now, DoneAt: now,
		})
	case outcome == Dispute && r.Dispute == payment.NoDispute && left > 0:
		r.Dispute, r.DisputedCents = payment.DisputeOpen, left
	case outcome == DisputeWon && r.Dispute == payment.DisputeOpen:
		r.Dispute = payment.DisputeWon
	case outcome == DisputeLost && r.Dispute == payment.DisputeOpen:
		r.Dispute = payment.DisputeLost
	case outcome == RefundsFail && r.AnyDone():
		refunds := make([]Refund, len(r.Refunds)) // what was read before stays as it was
		for i, refund := range r.Refunds {
			status, _ := refund.Status(now)
			refund.CameBack = refund.CameBack || status == payment.RefundDone
			refunds[i] = refund
		}
		r.Refunds = refunds
	default:
		return r, false, nil
	}
	return r, true, l.write(r)
}

func (r Record) AnyDone() bool {
	for _, refund := range r.Refunds {
		if !refund.Refused && !refund.CameBack {
			return true
		}
	}
	return false
}
