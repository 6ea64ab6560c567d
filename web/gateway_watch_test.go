package web

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"guiche/payment"
	"guiche/views"
)

// unreachable is a gateway that answers only when it is let, and counts who asks it for a charge.
type unreachable struct {
	*fickle
	back chan struct{} // closed once it answers again
}

func (g unreachable) Find(ctx context.Context, reference string, near time.Time) (payment.Charge, error) {
	select {
	case <-g.back:
		return g.Gateway.Find(ctx, reference, near)
	default:
		return payment.Charge{}, errors.New("no answer")
	}
}

func TestNoFanWaitsForAGatewayThatAnotherProcessKnowsIsAway(t *testing.T) {
	gateway := unreachable{&fickle{}, make(chan struct{})}
	w := newWorld(t, func(c *Config) {
		gateway.wrap(c)
		c.Gateways = payment.NewGateways(gateway)
	})
	w.stopWorker() // nobody else finds out that it is back
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	if err := w.DB.BeginOutage(t.Context(), "sandbox"); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the web process knows", func() bool { return w.metric("guiche_gateway_away") == 1 })
	fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable).says(said(views.PaymentDown))
	if n := gateway.times(); n != 0 {
		t.Errorf("the gateway was asked %d times", n)
	}
	close(gateway.back)
	w.Eventually("she can pay", func() bool { return w.metric("guiche_gateway_away") == 0 })
	fan.pay(id)
}

func TestWhatOneProcessFindsOutAllKnow(t *testing.T) {
	gateway := unreachable{&fickle{}, make(chan struct{})}
	w := newWorld(t, func(c *Config) {
		gateway.wrap(c)
		c.Gateways = payment.NewGateways(gateway)
	})
	w.stopWorker()
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	gateway.fail(errors.New("no answer"))
	for range payment.AwayAfter {
		fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable)
	}
	w.Eventually("everybody can read it", func() bool {
		open, err := w.DB.OpenOutages(t.Context())
		return err == nil && len(open) == 1 && open[0].Gateway == "sandbox"
	})
	if n := w.metric("guiche_charges_failed_total"); n != payment.AwayAfter {
		t.Errorf("%v charges failed", n)
	}
}

func TestSeriesOfMoneyAreThereBeforeAnythingHappens(t *testing.T) {
	w := newWorld(t)
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	series := map[string]int{}
	for _, f := range families {
		series[f.GetName()] = len(f.GetMetric())
	}
	for name, least := range map[string]int{
		"guiche_charges_failed_total": 10, "guiche_gateway_away": 1, "guiche_notices_total": 1, "guiche_notices_refused_total": 2,
	} {
		if series[name] < least {
			t.Errorf("%s has %d series", name, series[name])
		}
	}
}
