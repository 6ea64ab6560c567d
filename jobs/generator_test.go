package jobs

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/store"
)

func TestGeneratorServesInOrder(t *testing.T) {
	w := newWorld(t, 10)
	orders := w.joinAll(9, 2)
	w.generator()
	for i, o := range orders {
		if i >= 5 {
			w.becomes(o.ID, store.Waiting)
			continue
		}
		got := w.becomes(o.ID, store.Reserved)
		if got.Decision != int64(i+1) || got.Number != int64(i+1) {
			t.Errorf("order %d: number %d, decision %d", i+1, got.Number, got.Decision)
		}
		for j, ticket := range got.Tickets {
			if ticket.Number != int64(2*i+j+1) || ticket.Status != store.TicketReserved {
				t.Errorf("order %d has ticket %+v", i+1, ticket)
			}
		}
	}
	w.balanced(0)
	var s store.Snapshot
	w.eventually("the cache tells the end of the line", func() bool {
		var err error
		s, err = w.cache.Snapshot(w.ctx, w.event.ID)
		return err == nil && s.InLine() == 0
	})
	if s.Free[w.event.Types[0].ID] != 0 || s.Issued != 10 || len(s.Last) != 10 || s.Last[0] != 10 || s.Waiting != 4 || s.Waits[w.event.Types[0].ID] != 8 {
		t.Errorf("cache: %+v", s)
	}
}

func TestLimitHoldsAcrossOrders(t *testing.T) {
	w := newWorld(t, 100)
	w.generator()
	fan := w.fan()
	first := w.order(fan, 3)
	w.join(first)
	w.becomes(first.ID, store.Reserved)
	if err := w.nudges.Leave(w.ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	w.becomes(first.ID, store.Left)
	w.eventually("the place is free again", func() bool {
		open, err := w.line.Open(w.ctx, w.event.ID, fan)
		return err == nil && open == uuid.Nil
	})
	for _, step := range []struct {
		quantity int
		want     store.OrderStatus
	}{{5, store.OverLimit}, {3, store.Reserved}} {
		o := w.order(fan, step.quantity)
		w.join(o)
		w.becomes(o.ID, step.want)
	}
	w.balanced(97)
}

func TestLeavingTheLineGivesTheTurnAway(t *testing.T) {
	w := newWorld(t, 2)
	first, second, third := w.order(w.fan(), 1), w.order(w.fan(), 2), w.order(w.fan(), 1)
	for _, o := range []store.QueuedOrder{first, second, third} {
		w.join(o)
	}
	if err := w.nudges.Leave(w.ctx, second.ID); err != nil {
		t.Fatal(err)
	}
	w.generator()
	w.becomes(second.ID, store.Left)
	w.becomes(first.ID, store.Reserved)
	w.becomes(third.ID, store.Reserved)
	w.balanced(0)
}

func TestCapacityBelowWhatIsTakenIsRefused(t *testing.T) {
	w := newWorld(t, 5)
	w.generator()
	o := w.order(w.fan(), 3)
	w.join(o)
	w.becomes(o.ID, store.Reserved)
	for _, step := range []struct {
		capacity int
		outcome  string
		free     int
	}{{2, "refused", 2}, {3, "done", 0}, {50, "done", 47}} {
		change, err := w.db.AskCapacity(w.ctx, 0, w.event.Types[0].ID, step.capacity)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.nudges.SetCapacity(w.ctx, change); err != nil {
			t.Fatal(err)
		}
		w.eventually("the change is settled", func() bool {
			books, err := w.db.Books(w.ctx, w.event.ID)
			return err == nil && books[0].Change == step.outcome
		})
		w.balanced(step.free)
	}
}

func TestPoisonIsSetAsideAndTheLineGoesOn(t *testing.T) {
	w := newWorld(t, 5)
	poison := w.order(w.fan(), 1)
	poison.EventID = 999999 // no such event: Postgres will always refuse it
	w.join(poison)
	good := w.order(w.fan(), 1)
	w.join(good)
	w.generator()
	w.becomes(good.ID, store.Reserved)
	w.eventually("the poison is kept where admins see it", func() bool {
		tasks, err := asynq.NewInspectorFromRedisClient(w.rdb).ListArchivedTasks(queuePurchases)
		return err == nil && len(tasks) == 1 && tasks[0].ID == poison.ID.String()
	})
}

func TestIdleLineAnswersInMilliseconds(t *testing.T) {
	w := newWorld(t, 100)
	w.generator()
	for range 5 {
		o := w.order(w.fan(), 1)
		w.join(o)
		w.becomes(o.ID, store.Reserved) // well inside its patience; benchmarks measure the time
	}
}

// startSandbox starts the sandbox provider and returns its gateway and a function by which a payer answers its page.
func startSandbox(t *testing.T) (gateway payment.Gateway, answer func(payURL, outcome string)) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	provider, err := sandbox.NewProvider(sandbox.ProviderConfig{BaseURL: base, Secret: "test"})
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
func (w *world) charge(gateway payment.Gateway, o store.Order) (store.Charge, payment.Charge) {
	w.t.Helper()
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, gateway.Name(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := gateway.Create(w.ctx, payment.NewCharge{
		Reference: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency, Description: "Show", ExpiresAt: c.ExpiresAt,
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody", Language: "en",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.db.OpenCharge(w.ctx, c.ID, made.ID, made.PayURL, made.PixCode); err != nil {
		w.t.Fatal(err)
	}
	return c, made
}

func TestHoldIsUndoneWhenNobodyPays(t *testing.T) {
	w := newWorld(t, 2)
	w.event.HoldSeconds = 1
	gateway, _ := startSandbox(t)
	w.generator()
	w.worker(gateway)
	idle, paying := w.order(w.fan(), 1), w.order(w.fan(), 1)
	w.join(idle)
	w.join(paying)
	c, _ := w.charge(gateway, w.becomes(paying.ID, store.Reserved))
	w.becomes(idle.ID, store.Expired)
	o := w.becomes(paying.ID, store.Expired) // its charge was cancelled first
	if o.Charge == nil || o.Charge.ID != c.ID || o.Charge.Status != store.ChargeCancelled {
		t.Errorf("charge %+v", o.Charge)
	}
	for _, ticket := range o.Tickets {
		if ticket.Status != store.TicketVoid {
			t.Errorf("ticket %+v", ticket)
		}
	}
	w.balanced(2)
}

func TestMoneyAtTheDeadlineIsATicket(t *testing.T) {
	w := newWorld(t, 1)
	w.event.HoldSeconds = 1
	gateway, answer := startSandbox(t)
	w.generator()
	o := w.order(w.fan(), 1)
	w.join(o)
	_, made := w.charge(gateway, w.becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve") // its notice is lost, and the deadline passes before a worker looks
	w.eventually("the deadline passed", func() bool {
		holds, err := w.db.OverdueHolds(w.ctx, store.Deadline{}, 1)
		return err == nil && len(holds) == 1
	})
	w.worker(gateway)
	paid := w.becomes(o.ID, store.Paid)
	if paid.Tickets[0].Status != store.TicketValid {
		t.Errorf("ticket %+v", paid.Tickets[0])
	}
	w.balanced(0)
}

func TestRefundReturnsStockAndMoneyOnce(t *testing.T) {
	w := newWorld(t, 2)
	gateway, answer := startSandbox(t)
	w.generator()
	w.worker(gateway)
	o := w.order(w.fan(), 2)
	w.join(o)
	c, made := w.charge(gateway, w.becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve")
	for range 3 {
		if err := w.nudges.Look(w.ctx, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	paid := w.becomes(o.ID, store.Paid)
	one, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, []int64{paid.Tickets[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // a repeated nudge does it once; a lost one is the sweep's
		if err := w.nudges.Return(w.ctx, one.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.nudges.PayBack(w.ctx, one.ID); err != nil {
			t.Fatal(err)
		}
	}
	refunded := func(cents int64) func() bool {
		return func() bool {
			said, err := gateway.Get(w.ctx, made.ID)
			return err == nil && said.RefundedCents == cents
		}
	}
	w.eventually("one ticket's money is back", refunded(1100))
	w.eventually("one ticket is free", func() bool {
		e, err := w.db.Event(w.ctx, w.event.ID)
		return err == nil && e.Types[0].Taken == 1
	})
	w.becomes(o.ID, store.Paid)
	if _, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.becomes(o.ID, store.Refunded) // by the sweep alone
	w.eventually("all money is back", refunded(2200))
	w.balanced(2)
}
