package web

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"guiche/payment"
	"guiche/views"
)

// picky is a gateway with two methods, the first of which it refuses for a reason.
type picky struct {
	payment.Gateway
	reason *atomic.Value // payment.Reason; "" once it takes everything
}

func (picky) Methods() []payment.Method { return []payment.Method{payment.Pix, payment.Card} }

func (g picky) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	if reason := g.reason.Load().(payment.Reason); reason != "" && n.Method == payment.Pix {
		return payment.Charge{}, payment.Refuse(reason, "no")
	}
	return g.Gateway.Create(ctx, n)
}

func newPickyWorld(t *testing.T, reason payment.Reason) (*world, *atomic.Value) {
	t.Helper()
	var refuses atomic.Value
	refuses.Store(reason)
	return newWorld(t, func(c *Config) {
		c.Gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway { return picky{g, &refuses} })
	}), &refuses
}

const payWithPix, payWithCard = `value="pix"`, `value="card"`

func TestAMethodThatWasRefusedIsNotOfferedAgain(t *testing.T) {
	w, _ := newPickyWorld(t, payment.ReasonMethod)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	page := "/orders/" + id.String()
	fan.get(page).says(payWithPix).says(payWithCard)
	fan.post(page+"/pay", url.Values{"method": {"pix"}}).want(http.StatusServiceUnavailable).
		says(said(views.Message{Key: "wrong.payment_method"})).silent(payWithPix).says(payWithCard)
	fan.get(page).silent(payWithPix).says(payWithCard).says(said(views.Message{Key: "order.withheld_pix"}))
	fan.pay(id) // who does not say how, pays by what is offered
	if c := w.order(id).Charge; c.Method != "card" {
		t.Errorf("the charge is by %s", c.Method)
	}
	fan.get(page).silent(payWithPix)
	other := w.fan()
	other.get("/orders/" + other.reserve(e, 1).String()).says(payWithPix) // her account may be able to
}

func TestWhatIsRefusedToAnAccountIsNotOfferedInItsNextOrder(t *testing.T) {
	w, refuses := newPickyWorld(t, payment.ReasonPayer)
	fan := w.fan()
	first := fan.reserve(w.createEvent(nil), 1)
	fan.post("/orders/"+first.String()+"/pay", url.Values{"method": {"pix"}}).want(http.StatusServiceUnavailable)
	second := fan.reserve(w.createEvent(nil), 1)
	page := "/orders/" + second.String()
	fan.get(page).silent(payWithPix).says(payWithCard)
	refuses.Store(payment.Reason(""))
	fan.post(page+"/pay", url.Values{"method": {"pix"}}).want(http.StatusSeeOther) // a form from before, and it is mended
	fan.get("/orders/" + first.String()).says(payWithPix)
}

func TestWhereEveryMethodIsRefusedAllAreOffered(t *testing.T) {
	w, _ := newPickyWorld(t, payment.ReasonMethod)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	page := "/orders/" + id.String()
	fan.post(page+"/pay", url.Values{"method": {"pix"}}).want(http.StatusServiceUnavailable)
	if _, err := w.Raw.Exec(`insert into charges (order_id, gateway, method, status, amount_cents, currency, expires_at, refusal)
		select order_id, gateway, 'card', status, amount_cents, currency, expires_at, refusal from charges`); err != nil {
		t.Fatal(err)
	}
	fan.get(page).says(payWithPix).says(payWithCard).silent(said(views.Message{Key: "order.withheld_pix"}))
}
