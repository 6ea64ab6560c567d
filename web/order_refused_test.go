package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// refusing is a gateway whose account cannot take any payment.
type refusing struct{ payment.Gateway }

func (refusing) Create(context.Context, payment.NewCharge) (payment.Charge, error) {
	return payment.Charge{}, payment.Refuse(payment.ReasonMethod, "no key")
}

func TestARefusedChargeIsNotToldAsAnOutage(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway { return refusing{g} })
	})
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	page := fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable)
	if strings.Contains(page.body, "try again in a moment") || strings.Contains(page.body, "tente de novo em instantes") {
		t.Error("the fan is told to press again")
	}
	o, err := w.DB.Order(t.Context(), id)
	if err != nil || o.Status != store.Reserved || o.Charge == nil || o.Charge.Refusal != "method" || !o.Charge.Status.Ended() {
		t.Errorf("%+v, charge %+v, %v", o, o.Charge, err)
	}
}

// dear is a gateway that takes nothing below ten reais, and no other currency.
type dear struct{ payment.Gateway }

func (dear) Bounds(currency string) (payment.Bounds, bool) {
	return payment.Bounds{LeastCents: 1000}, currency == "BRL"
}

func TestAPriceThatNobodyCouldPayIsNotSaved(t *testing.T) {
	s := &admin{gateway: dear{}}
	for name, row := range map[string]struct {
		currency string
		cents    int64
		ok       bool
	}{
		"free": {"BRL", 0, true}, "free in euros": {"EUR", 0, true}, "a cent too little": {"BRL", 999, false},
		"the least": {"BRL", 1000, true}, "another currency": {"EUR", 5000, false},
	} {
		form := views.NewForm(nil)
		s.checkPrice(&form, store.Event{Currency: row.currency}, store.TicketType{PriceCents: row.cents})
		if form.OK() != row.ok {
			t.Errorf("%s: saved %v", name, form.OK())
		}
	}
}
