package provider

import (
	"net/http"
	"net/url"
	"strconv"

	"guiche/payment/sandbox"
	"guiche/payment/sandbox/checkout"
	"guiche/payment/sandbox/ledger"
)

// afterwards are the news that the outcomes of a paid charge make.
var afterwards = map[string]sandbox.NoticeType{
	ledger.PanelRefund: sandbox.ChargeRefunded, ledger.Dispute: sandbox.ChargeDisputed, ledger.DisputeWon: sandbox.DisputeClosed, ledger.DisputeLost: sandbox.DisputeClosed, ledger.RefundsFail: sandbox.RefundFailed,
}

// takeAfterwards lets something become of a paid charge, tells the shop and leads back to it.
func (p *Provider) takeAfterwards(w http.ResponseWriter, r *http.Request, charge ledger.Record, form url.Values) {
	outcome := form.Get("outcome")
	cents, err := strconv.ParseInt(form.Get("cents"), 10, 64)
	if form.Get("cents") != "" && (err != nil || cents <= 0) {
		p.page(w, http.StatusUnprocessableEntity, charge, trouble{form: checkout.WordsFor(charge.Charge.Language).NoOutcome})
		return
	}
	charge, changed, err := p.ledger.After(charge.ID, outcome, cents)
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
