package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// fickle is a payment API that knows no charge, and can be away or unsure.
type fickle struct {
	payment.Gateway
	away  atomic.Bool
	asked atomic.Int64
	ended atomic.Int64 // calls of Cancel
	says  atomic.Value // payment.Charge of everything that is asked for; unset for not found
}

func (*fickle) Name() string { return "sandbox" }

func (f *fickle) Find(context.Context, string, time.Time) (payment.Charge, error) {
	f.asked.Add(1)
	if f.away.Load() {
		return payment.Charge{}, errors.New("nobody answers")
	}
	if c, ok := f.says.Load().(payment.Charge); ok {
		return c, nil
	}
	return payment.Charge{}, payment.ErrNotFound
}

func (f *fickle) Get(ctx context.Context, _ string) (payment.Charge, error) {
	return f.Find(ctx, "", time.Time{})
}

func (f *fickle) Cancel(ctx context.Context, _ string) (payment.Charge, error) {
	f.ended.Add(1)
	return f.Find(ctx, "", time.Time{})
}

// hands is a worker that works only when the test says so.
func (w *shop) hands(g payment.Gateway) *Worker {
	return New(Config{
		Store: w.DB, Redis: w.Redis, Gateways: payment.NewGateways(g), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
}

// known is an order as Postgres knows it.
func (w *shop) known(id uuid.UUID) store.Order {
	w.T.Helper()
	o, err := w.DB.Order(w.Ctx, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

// lapse makes a hold's time be over for as long.
func (w *shop) lapse(id uuid.UUID, since time.Duration) {
	w.T.Helper()
	w.Set(`update orders set reserved_until = now() - make_interval(secs => $2) where id = $1`, id, since.Seconds())
}

// paying is a reserved order whose time is over, with a charge.
func (w *shop) paying() (store.Order, store.Charge) {
	w.T.Helper()
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		w.T.Fatal(err)
	}
	w.lapse(o.ID, 0)
	return w.known(o.ID), c
}

func TestAnOutageIsNotedAndHoldsWait(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	charged, _ := w.paying()
	idle := w.Order(w.Fan(), 1)
	w.Join(idle)
	w.Becomes(idle.ID, store.Reserved)
	g := &fickle{}
	g.away.Store(true)
	worker := w.hands(g)
	for range payment.AwayAfter {
		if err := worker.overdue(w.Ctx, nil); err == nil {
			t.Fatal("a gateway that is away had a word")
		}
	}
	asked := g.asked.Load()
	if err := worker.overdue(w.Ctx, nil); err == nil || g.asked.Load() != asked {
		t.Errorf("asked once more: %v", err)
	}
	if err := worker.watchGateways(w.Ctx); err != nil {
		t.Fatal(err)
	}
	if open, err := w.DB.OpenOutages(w.Ctx); err != nil || len(open) != 1 || open[0].Gateway != "sandbox" {
		t.Fatalf("outages: %+v, %v", open, err)
	}
	w.lapse(idle.ID, 0)
	if err := worker.overdue(w.Ctx, nil); err != nil {
		t.Fatal(err)
	}
	for _, id := range []store.Order{charged, w.known(idle.ID)} {
		if o := w.known(id.ID); o.Status != store.Reserved || o.OutageExtra < 55 || !o.ReservedUntil.After(time.Now()) {
			t.Errorf("the hold did not wait: %+v", o)
		}
	}
	// It ends by an answer, and holds end again once the time that was added is over.
	g.away.Store(false)
	w.Eventually("the gateway answers again", func() bool {
		if err := worker.watchGateways(w.Ctx); err != nil {
			t.Fatal(err)
		}
		open, err := w.DB.OpenOutages(w.Ctx)
		return err == nil && len(open) == 0
	})
	w.Set(`update outages set began_at = began_at - interval '1 hour', ended_at = ended_at - interval '1 hour'`)
	for _, id := range []store.Order{charged, w.known(idle.ID)} {
		w.lapse(id.ID, 0)
	}
	if err := worker.overdue(w.Ctx, nil); err != nil {
		t.Fatal(err)
	}
	w.Becomes(charged.ID, store.Expired)
	w.Becomes(idle.ID, store.Expired)
	w.Balanced(10)
}

func TestMoneyInFlightFreezesAHoldForAWhile(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o, c := w.paying()
	g := &fickle{}
	g.says.Store(payment.Charge{ID: "ch_1", Status: payment.Pending})
	worker := w.hands(g)
	for range 2 {
		if err := worker.overdue(w.Ctx, nil); err == nil {
			t.Error("money in flight was taken for an end")
		}
	}
	now := w.known(o.ID)
	if now.Status != store.Reserved || now.Charge == nil || !now.Charge.Pending {
		t.Errorf("the order is %+v", now)
	}
	w.lapse(o.ID, freezeTime+time.Second)
	if err := worker.overdue(w.Ctx, nil); err != nil {
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Expired)
	// It came through after all, and the tickets are still free.
	g.says.Store(payment.Charge{ID: "ch_1", Status: payment.Paid, AmountCents: c.AmountCents, Currency: c.Currency})
	w.Set(`update charges set next_look_at = now()`)
	if err := worker.sweep(w.Ctx); err != nil {
		t.Fatal(err)
	}
	if err := worker.checkCharge(w.Ctx, asynq.NewTask(jobs.KindCheck, []byte(c.ID.String()))); err != nil {
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Paid)
	if now := w.known(o.ID); now.LateAt.IsZero() || now.Tickets[0].Status != store.TicketValid {
		t.Errorf("the order is %+v", now)
	}
	w.Balanced(9)
}

func TestAChargeThatCameToBeAfterItsEndIsEndedAtTheGateway(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o, c := w.paying()
	g := &fickle{}
	worker := w.hands(g)
	if err := worker.overdue(w.Ctx, nil); err != nil { // nobody knows the charge: its creation is still on its way
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Expired)
	g.says.Store(payment.Charge{ID: "ch_1", Status: payment.Open})
	w.Set(`update charges set next_look_at = now()`)
	if ids, err := w.DB.StaleCharges(w.Ctx, 10); err != nil || len(ids) != 1 || ids[0] != c.ID {
		t.Fatalf("nobody looks again: %v, %v", ids, err)
	}
	if err := worker.checkCharge(w.Ctx, asynq.NewTask(jobs.KindCheck, []byte(c.ID.String()))); err != nil {
		t.Fatal(err)
	}
	if g.ended.Load() != 1 {
		t.Errorf("it was ended %d times at the gateway", g.ended.Load())
	}
	if c, err := w.DB.Charge(w.Ctx, c.ID); err != nil || c.Status != store.ChargeCancelled {
		t.Errorf("the charge is %s, %v", c.Status, err)
	}
}
