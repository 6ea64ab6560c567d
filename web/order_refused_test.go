package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"guiche/payment"
	"guiche/store"
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
	o, err := w.store.Order(t.Context(), id)
	if err != nil || o.Status != store.Reserved || o.Charge == nil || o.Charge.Refusal != "method" || !o.Charge.Status.Ended() {
		t.Errorf("%+v, charge %+v, %v", o, o.Charge, err)
	}
}
