package sandbox

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"

	"guiche/payment"
)

// What becomes of a payment after it was made, as the page's buttons tell: somebody refunds it on the gateway's own pages,
// the payer's bank wants the money back and wins or loses, refunds that were done come back.
const (
	panelRefund = "panel_refund" // with the field "cents", or all that is left
	dispute     = "dispute"
	disputeWon  = "dispute_won" // by the shop
	disputeLost = "dispute_lost"
	refundsFail = "refunds_fail"
)

// afterwards are the news that the outcomes of a paid charge make.
var afterwards = map[string]noticeType{
	panelRefund: chargeRefunded, dispute: chargeDisputed, disputeWon: disputeClosed, disputeLost: disputeClosed, refundsFail: refundFailed,
}

// takeAfterwards lets something become of a paid charge, tells the shop and leads back to it.
func (p *Provider) takeAfterwards(w http.ResponseWriter, r *http.Request, charge record, form url.Values) {
	outcome := form.Get("outcome")
	cents, err := strconv.ParseInt(form.Get("cents"), 10, 64)
	if form.Get("cents") != "" && (err != nil || cents <= 0) {
		p.page(w, http.StatusUnprocessableEntity, charge, trouble{form: wordsFor(charge.Charge.Language).NoOutcome})
		return
	}
	charge, changed, err := p.ledger.after(charge.ID, outcome, cents)
	switch {
	case err != nil:
		p.log.Error("outcome not kept", "err", err)
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return
	case !changed: // it is something else already; the page tells what
		p.page(w, http.StatusConflict, charge, trouble{})
		return
	}
	news := afterwards[outcome]
	p.log.Info("charge changed after it was paid", "charge", charge.ID, "reference", charge.Charge.Reference, "news", news)
	if err := p.notices.send(charge.Charge.NoticeURL, charge.Charge.Reference, news, p.noticeFate(charge, news)); err != nil {
		p.log.Error("notice not made", "charge", charge.ID, "err", err) // the shop asks by itself later
	}
	http.Redirect(w, r, charge.Charge.ReturnURL, http.StatusSeeOther)
}

// after changes a paid charge; changed says whether it could.
func (l *ledger) after(id, outcome string, cents int64) (r record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return record{}, false, payment.ErrNotFound
	}
	r = l.current(id)
	now := l.now()
	left := r.left(now)
	if cents == 0 {
		cents = left
	}
	switch {
	case r.Status != payment.Paid:
		return r, false, nil
	case outcome == panelRefund && left > 0 && cents <= left:
		r.Refunds = append(r.Refunds, recordRefund{
			Key: "panel-" + rand.Text(), ID: "re_" + rand.Text(), AmountCents: cents, CreatedAt: now, DoneAt: now,
		})
	case outcome == dispute && r.Dispute == payment.NoDispute && left > 0:
		r.Dispute, r.DisputedCents = payment.DisputeOpen, left
	case outcome == disputeWon && r.Dispute == payment.DisputeOpen:
		r.Dispute = payment.DisputeWon
	case outcome == disputeLost && r.Dispute == payment.DisputeOpen:
		r.Dispute = payment.DisputeLost
	case outcome == refundsFail && r.anyDone():
		refunds := make([]recordRefund, len(r.Refunds)) // what was read before stays as it was
		for i, refund := range r.Refunds {
			status, _ := refund.status(now)
			refund.CameBack = refund.CameBack || status == payment.RefundDone
			refunds[i] = refund
		}
		r.Refunds = refunds
	default:
		return r, false, nil
	}
	return r, true, l.write(r)
}

func (r record) anyDone() bool {
	for _, refund := range r.Refunds {
		if !refund.Refused && !refund.CameBack {
			return true
		}
	}
	return false
}

// showRefund tells what became of a refund.
func (p *Provider) showRefund(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.get(r.PathValue("id"))
	if err != nil {
		p.fail(w, err)
		return
	}
	for _, refund := range charge.Refunds {
		if refund.ID == r.PathValue("refund") {
			status, err := refund.status(p.now())
			if err != nil {
				status = payment.RefundFailed
			}
			answer(w, http.StatusOK, wireRefund{ID: refund.ID, AmountCents: refund.AmountCents, Status: status})
			return
		}
	}
	refuse(w, http.StatusNotFound, codeNotFound)
}
