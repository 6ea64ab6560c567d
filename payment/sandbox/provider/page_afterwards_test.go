package provider

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"guiche/payment"
	"guiche/payment/contract"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

// What cannot become of a charge any more, or not yet, changes nothing and is told.
func TestAfterwardsNeedsItsMoney(t *testing.T) {
	w := startWorld(t)
	c := w.Create(t)
	for _, outcome := range []string{ledger.PanelRefund, ledger.Dispute, ledger.DisputeWon, ledger.DisputeLost, ledger.RefundsFail} {
		if resp := press(t, c.PayURL, outcome); resp.StatusCode != http.StatusConflict {
			t.Errorf("%s of a charge that nobody paid: %d", outcome, resp.StatusCode)
		}
	}
	w.Pay(t, c)
	for _, outcome := range []string{ledger.DisputeWon, ledger.DisputeLost, ledger.RefundsFail} {
		if resp := press(t, c.PayURL, outcome); resp.StatusCode != http.StatusConflict {
			t.Errorf("%s before there is anything to it: %d", outcome, resp.StatusCode)
		}
	}
	for _, cents := range []string{"-1", "0", "x", "12346"} {
		resp := postForm(t, c.PayURL, url.Values{"outcome": {ledger.PanelRefund}, "cents": {cents}}.Encode(), nil)
		if resp.StatusCode != http.StatusUnprocessableEntity && resp.StatusCode != http.StatusConflict {
			t.Errorf("%s cents back: %d", cents, resp.StatusCode)
		}
	}
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.LeftCents() != c.AmountCents {
		t.Errorf("%+v, %v", got, err)
	}
}

// A shop whose account cannot take payments is told why, and the provider has no charge.
func TestARefusedChargeIsNeverMade(t *testing.T) {
	w := startWorld(t)
	baseURL, _ := startProviderThatIs(t, cruelty.Cruelty{RefusedCharge: 1}, "", contract.NewClock())
	g := sandbox.New(baseURL, testSecret)
	n := w.NewCharge()
	if c, err := g.Create(t.Context(), n); payment.ReasonOf(err) != payment.ReasonMethod || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := g.Find(t.Context(), n.Reference, w.Now()); err == nil {
		t.Errorf("there is %+v", c)
	}
}
