package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/payment"
	"guiche/store"
	"guiche/store/local"
)

// world is a shop without a web role: real Postgres, real Redis, one event on sale.
type world struct {
	t           testing.TB
	ctx         context.Context
	databaseURL string
	db          *store.Store
	rdb         *redis.Client
	line        *Line
	nudges      *Nudges
	cache       *store.Cache
	event       store.Event
}

// newWorld opens an event with one type of the given capacity; a generator sets it and ends.
func newWorld(t *testing.T, capacity int) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), databaseURL: local.NewDatabase(t)}
	w.open(local.NewRedis(t), capacity)
	return w
}

// open connects, and makes the event with its one type.
func (w *world) open(redisURL string, capacity int) {
	t := w.t
	t.Helper()
	var err error
	if w.db, err = store.Open(w.ctx, w.databaseURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	if w.rdb, err = store.OpenRedis(w.ctx, redisURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.rdb.Close() })
	w.line, w.nudges, w.cache = NewLine(w.rdb), NewNudges(w.rdb), store.NewCache(w.rdb)
	now := time.Now()
	if w.event, err = w.db.CreateEvent(w.ctx, 0, store.Event{
		Slug: "show", Name: "Show", TimeZone: "America/Sao_Paulo", StartsAt: now.AddDate(0, 1, 0),
		SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: now.Add(24 * time.Hour), Currency: "BRL", PerPerson: 4, HoldSeconds: 600, HoldExtras: store.DefaultHoldExtras,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
	}); err != nil {
		t.Fatal(err)
	}
	_, change, err := w.db.CreateTicketType(w.ctx, 0, store.TicketType{EventID: w.event.ID, Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	leader, err := store.Lead(w.ctx, w.databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	if _, err := leader.SetCapacity([]int64{change}); err != nil {
		t.Fatal(err)
	}
	if err := w.cache.Rebuild(w.ctx, store.Rebuilt{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.line.takeOver(w.ctx, leader.Epoch()); err != nil { // fans join before a generator runs
		t.Fatal(err)
	}
	if err := w.db.PublishEvent(w.ctx, 0, w.event.ID); err != nil {
		t.Fatal(err)
	}
	if w.event, err = w.db.Event(w.ctx, w.event.ID); err != nil {
		t.Fatal(err)
	}
}

// role runs a role until the test ends and fails the test if it ends with an error.
func (w *world) role(run func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = func() {
		cancel()
		if err, ok := <-ended; ok && err != nil {
			w.t.Errorf("role ended with %v", err)
		}
		close(ended)
	}
	return stop
}

// generator starts the generator; it is stopped with the test.
func (w *world) generator() {
	w.t.Helper()
	leads := make(chan struct{})
	w.t.Cleanup(w.role(func(ctx context.Context) error {
		return RunGenerator(ctx, GeneratorConfig{
			DatabaseURL: w.databaseURL, Redis: w.rdb, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}))
	select {
	case <-leads:
	case <-time.After(10 * time.Second):
		w.t.Fatal("the generator does not lead")
	}
}

// worker starts a worker on a gateway; it is stopped with the test.
func (w *world) worker(gateway payment.Gateway) {
	w.t.Cleanup(w.role(func(ctx context.Context) error {
		return RunWorker(ctx, WorkerConfig{
			Store: w.db, Redis: w.rdb, Gateways: payment.NewGateways(gateway), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		})
	}))
}

// fan registers a person.
func (w *world) fan() int64 {
	w.t.Helper()
	id := uuid.NewString()
	a, err := w.db.CreateAccount(w.ctx, store.Account{Role: store.Fan, Name: "Fan", Email: id + "@guiche.test", PasswordHash: "-", Language: "en"})
	if err != nil {
		w.t.Fatal(err)
	}
	return a.ID
}

// order is an order of a person as the web would accept it now.
func (w *world) order(account int64, quantity int) store.QueuedOrder {
	t := w.event.Types[0]
	return store.QueuedOrder{
		ID: uuid.New(), EventID: w.event.ID, TicketTypeID: t.ID, AccountID: account, Quantity: quantity,
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: "BRL", PerPerson: w.event.PerPerson,
		HoldSeconds: w.event.HoldSeconds, RefundPolicy: w.event.RefundPolicy, AcceptedAt: time.Now(),
	}
}

func (w *world) join(o store.QueuedOrder) Joined {
	w.t.Helper()
	j, err := w.line.Join(w.ctx, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

// joinAll lets n new fans join one after the other.
func (w *world) joinAll(n, quantity int) (orders []store.QueuedOrder) {
	w.t.Helper()
	for range n {
		o := w.order(w.fan(), quantity)
		w.join(o)
		orders = append(orders, o)
	}
	return orders
}

// pay settles a reserved order as the worker does once the gateway has said so.
func (w *world) pay(o store.QueuedOrder) {
	w.t.Helper()
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.db.SettleCharge(w.ctx, c.ID, store.Verdict{
		Status: store.ChargeCaptured, GatewayID: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency,
	}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.nudges.Settle(w.ctx, o.TicketTypeID); err != nil {
		w.t.Fatal(err)
	}
}

// giveUp lets a fan leave her place or her hold.
func (w *world) giveUp(o store.QueuedOrder) {
	w.t.Helper()
	if err := w.nudges.Leave(w.ctx, o.ID); err != nil {
		w.t.Fatal(err)
	}
	w.becomes(o.ID, store.Left)
}

// eventually waits until ok says so.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			w.t.Fatalf("did not come true: %s", what)
		case <-tick.C:
		}
	}
}

// becomes waits until an order has a status and returns it.
func (w *world) becomes(id uuid.UUID, status store.OrderStatus) (o store.Order) {
	w.t.Helper()
	w.eventually(fmt.Sprintf("order %s is %s", id, status), func() bool {
		var err error
		o, err = w.db.Order(w.ctx, id)
		return err == nil && o.Status == status
	})
	return o
}

// balanced fails the test unless the books balance with so many free and the audit finds nothing.
func (w *world) balanced(free int) {
	w.t.Helper()
	w.audited()
	w.booked(free)
}

// booked fails the test unless the books balance with so many free.
func (w *world) booked(free int) {
	w.t.Helper()
	books, err := w.db.Books(w.ctx, w.event.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, b := range books {
		if !b.Balanced() || b.Free() != free {
			w.t.Errorf("books: %+v, want %d free", b, free)
		}
	}
}
