package worker

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/journeys/world"
	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/provider"
	"guiche/store"
)

// shop is a world with workers.
type shop struct{ *world.World }

func newShop(t *testing.T, capacity int) *shop { return &shop{world.New(t, capacity)} }

// worker starts a worker on a gateway.
func (w *shop) worker(gateway payment.Gateway) (stop func()) {
	w.T.Helper()
	return w.run(Config{Gateways: payment.NewGateways(gateway)})
}

// run starts a worker on the servers of the shop.
func (w *shop) run(c Config) (stop func()) {
	c.Store, c.Redis, c.Log, c.Metrics = w.DB, w.Redis, world.Quiet, prometheus.NewRegistry()
	return w.Role("worker", func(ctx context.Context) error { return Run(ctx, c) })
}

// startSandbox starts the sandbox provider and returns its gateway and a function by which a payer answers its page.
func startSandbox(t *testing.T) (gateway payment.Gateway, answer func(payURL, outcome string)) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	provider, err := provider.New(provider.Config{BaseURL: base, Secret: "test"})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(func() {
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = provider.Shutdown(ctx) // pending notices have nobody to go to
	})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return sandbox.New(base, "test"), func(payURL, outcome string) {
		t.Helper()
		r, err := client.Post(payURL, "application/x-www-form-urlencoded", strings.NewReader(url.Values{"outcome": {outcome}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != http.StatusSeeOther {
			t.Fatalf("payment page answered %d", r.StatusCode)
		}
	}
}

// charge starts paying an order, as the web does.
func (w *shop) charge(gateway payment.Gateway, o store.Order) (store.Charge, payment.Charge) {
	w.T.Helper()
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, gateway.Name(), "")
	if err != nil {
		w.T.Fatal(err)
	}
	made, err := gateway.Create(w.Ctx, payment.NewCharge{
		Reference: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency, Description: "Show", ExpiresAt: c.ExpiresAt,
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody", Language: "en",
	})
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.DB.RecordCharge(w.Ctx, c.ID, made.ID, made.PayURL, made.PixCode); err != nil {
		w.T.Fatal(err)
	}
	return c, made
}

func TestHoldIsUndoneWhenNobodyPays(t *testing.T) {
	w := newShop(t, 2)
	gateway, _ := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	idle, paying := w.Order(w.Fan(), 1), w.Order(w.Fan(), 1)
	w.Join(idle)
	w.Join(paying)
	c, _ := w.charge(gateway, w.Becomes(paying.ID, store.Reserved))
	w.Becomes(idle.ID, store.Reserved)
	w.HoldEnds(idle.ID, paying.ID)
	w.Becomes(idle.ID, store.Expired)
	o := w.Becomes(paying.ID, store.Expired) // its charge was cancelled first
	if o.Charge == nil || o.Charge.ID != c.ID || o.Charge.Status != store.ChargeCancelled {
		t.Errorf("charge %+v", o.Charge)
	}
	for _, ticket := range o.Tickets {
		if ticket.Status != store.TicketVoid {
			t.Errorf("ticket %+v", ticket)
		}
	}
	w.Balanced(2)
}

func TestMoneyAtTheDeadlineIsATicket(t *testing.T) {
	w := newShop(t, 1)
	gateway, answer := startSandbox(t)
	w.Generator()
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	_, made := w.charge(gateway, w.Becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve") // its notice is lost, and the deadline passes before a worker looks
	w.HoldEnds(o.ID)
	w.worker(gateway)
	paid := w.Becomes(o.ID, store.Paid)
	if paid.Tickets[0].Status != store.TicketValid {
		t.Errorf("ticket %+v", paid.Tickets[0])
	}
	w.Balanced(0)
}

func TestRefundReturnsStockAndMoneyOnce(t *testing.T) {
	w := newShop(t, 2)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o := w.Order(w.Fan(), 2)
	w.Join(o)
	c, made := w.charge(gateway, w.Becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve")
	for range 3 {
		if err := w.Nudges.CheckCharge(w.Ctx, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	paid := w.Becomes(o.ID, store.Paid)
	one, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, []int64{paid.Tickets[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // a repeated nudge does it once; a lost one is the sweep's
		if err := w.Nudges.Return(w.Ctx, one.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Nudges.PayBack(w.Ctx, one.ID); err != nil {
			t.Fatal(err)
		}
	}
	refunded := func(cents int64) func() bool {
		return func() bool {
			said, err := gateway.Get(w.Ctx, made.ID)
			return err == nil && said.RefundedCents == cents
		}
	}
	w.Eventually("one ticket's money is back", refunded(1100))
	w.Eventually("one ticket is free", func() bool {
		e, err := w.DB.Event(w.Ctx, w.Event.ID)
		return err == nil && e.Types[0].Taken == 1
	})
	w.Becomes(o.ID, store.Paid)
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Refunded) // by the sweep alone
	w.Eventually("all money is back", refunded(2200))
	w.Balanced(2)
}

func TestNobodyWaitsBeyondTheSale(t *testing.T) {
	w := newShop(t, 1)
	gateway, _ := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	first := w.JoinAll(1, 1)[0]
	keeps := w.Order(w.Fan(), 1)
	keeps.Keep = true
	w.Join(keeps)
	w.Becomes(keeps.ID, store.Waiting)
	w.Pay(first)
	w.Event.SaleStartsAt, w.Event.SaleEndsAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	if err := w.DB.UpdateEvent(w.Ctx, 0, w.Event); err != nil {
		t.Fatal(err)
	}
	w.Becomes(keeps.ID, store.SoldOut) // the worker's sweep finds it
}
