package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

func TestAFanTakesMoreTimeOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	ana, bia := w.fan(), w.fan()
	id := ana.join(e, 2)
	before := ana.await(id, store.Reserved).ReservedUntil
	path := "/orders/" + id.String()
	bia.post(path+"/extend", nil).want(http.StatusNotFound)
	ana.get(path).says(`action="` + path + `/extend"`)
	ana.post(path+"/extend", nil).leadsTo(path)
	after := ana.order(id).ReservedUntil
	if after == nil || !after.Equal(before.Add(time.Duration(store.DefaultHoldExtras.ExtendSeconds)*time.Second)) {
		t.Errorf("until %v, then %v", before, after)
	}
	ana.get(path).silent("/extend")
	ana.post(path+"/extend", nil).leadsTo(path) // nothing is said of an error, nothing changes
	if again := ana.order(id).ReservedUntil; !again.Equal(*after) {
		t.Errorf("extended twice, until %v", again)
	}
	w.stopGenerator()
	queued := bia.join(e, 1)
	bia.post("/orders/"+queued.String()+"/extend", nil).leadsTo("/orders/" + queued.String())
}

// twoWays is a gateway between whose methods a fan chooses, and that must know who pays.
type twoWays struct {
	payment.Gateway
	asked *[]payment.NewCharge
}

func (g twoWays) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	*g.asked = append(*g.asked, c)
	return g.Gateway.Create(ctx, c)
}

func (twoWays) Methods() []payment.Method { return []payment.Method{payment.Pix, payment.Card} }

func TestAFanChoosesHowToPay(t *testing.T) {
	var asked []payment.NewCharge
	w := newWorld(t, func(c *Config) {
		c.Gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway { return twoWays{g, &asked} })
	})
	e := w.createEvent(nil)
	ana := w.fan()
	id := ana.join(e, 1)
	ana.await(id, store.Reserved)
	path := "/orders/" + id.String()
	ana.get(path).says(`id="pay-pix"`).says(`id="pay-card"`)
	pay := func(method string) answer { return ana.post(path+"/pay", url.Values{"method": {method}}) }
	pay("gold").want(http.StatusUnprocessableEntity)
	first := pay("pix").want(http.StatusSeeOther).header.Get("Location")
	if again := pay("pix").header.Get("Location"); again != first {
		t.Errorf("the same wish led to %s and %s", first, again)
	}
	second := pay("card").want(http.StatusSeeOther).header.Get("Location")
	if second == first {
		t.Fatal("another way to pay led to the same charge")
	}
	charges := w.charges(id)
	if len(charges) != 2 || charges[0] != "pix cancelled" || charges[1] != "card open" {
		t.Errorf("the charges are %v", charges)
	}
	ana.press(second, "approve")
	ana.await(id, store.Paid)
	if len(asked) != 2 || asked[0].Method != payment.Pix || asked[1].Method != payment.Card {
		t.Errorf("the gateway was asked for %+v", asked)
	}
	for _, c := range asked {
		if a := ana.account; c.Payer != (payment.Payer{Name: a.Name, Email: a.Email, CPF: a.CPF}) {
			t.Errorf("the gateway was told that %+v pays", c.Payer)
		}
	}
}

func TestAHoldThatOutlivesItsChargeGetsAnother(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) { e.HoldSeconds, e.ExtendSeconds = 6, 600 })
	ana := w.fan()
	id := ana.join(e, 1)
	ana.await(id, store.Reserved)
	path := "/orders/" + id.String()
	first := ana.post(path+"/pay", nil).want(http.StatusSeeOther).header.Get("Location")
	ana.post(path+"/extend", nil).leadsTo(path)
	ends := w.order(id).Charge.ExpiresAt
	w.Eventually("the first charge is over", func() bool { return time.Now().After(ends) })
	second := ana.post(path+"/pay", nil).want(http.StatusSeeOther).header.Get("Location")
	if second == first || second == path {
		t.Errorf("led to %s, then %s", first, second)
	}
	ana.press(second, "approve")
	ana.await(id, store.Paid)
}

// charges lists an order's charges by method and state, the oldest first.
func (w *world) charges(id uuid.UUID) (list []string) {
	w.T.Helper()
	rows, err := w.Raw.Query(`select method || ' ' || status from charges where order_id = $1 order by created_at`, id)
	if err != nil {
		w.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			w.T.Fatal(err)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		w.T.Fatal(err)
	}
	return list
}
