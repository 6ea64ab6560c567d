// Package world is a small shop for tests: real Postgres and Redis, one event on sale with one ticket type, its fans and
// their orders. Roles run when a test asks for them. Only tests import it.
package world

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/store"
	"guiche/store/local"
)

// World is a shop without a web role.
type World struct {
	T           testing.TB
	Ctx         context.Context
	DatabaseURL string
	RedisURL    string
	DB          *store.Store
	Redis       *redis.Client
	Line        *line.Line
	Nudges      *jobs.Nudges
	Event       store.Event
}

// New opens an event with one type of the given capacity; a generator sets it and ends.
func New(t *testing.T, capacity int) *World {
	t.Helper()
	w := &World{T: t, Ctx: t.Context(), DatabaseURL: local.NewDatabase(t)}
	w.Open(local.NewRedis(t), capacity)
	return w
}

// Open connects, and makes the event with its one type.
func (w *World) Open(redisURL string, capacity int) {
	t := w.T
	t.Helper()
	var err error
	if w.DB, err = store.Open(w.Ctx, w.DatabaseURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.DB.Close() })
	if w.Redis, err = jobs.OpenRedis(w.Ctx, redisURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Redis.Close() })
	w.RedisURL, w.Line, w.Nudges = redisURL, line.New(w.Redis), jobs.NewNudges(w.Redis)
	now := time.Now()
	if w.Event, err = w.DB.CreateEvent(w.Ctx, 0, store.Event{
		Slug: "show", Name: "Show", TimeZone: "America/Sao_Paulo", StartsAt: now.AddDate(0, 1, 0),
		SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: now.Add(24 * time.Hour), Currency: "BRL", PerPerson: 4, HoldSeconds: 600, HoldExtras: store.DefaultHoldExtras,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
	}); err != nil {
		t.Fatal(err)
	}
	_, change, err := w.DB.CreateTicketType(w.Ctx, 0, store.TicketType{EventID: w.Event.ID, Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	leader, err := store.Lead(w.Ctx, w.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	if _, err := leader.SetCapacity([]int64{change}); err != nil {
		t.Fatal(err)
	}
	if err := w.Line.Rebuild(w.Ctx, store.Rebuilt{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Line.TakeOver(w.Ctx, leader.Epoch()); err != nil { // fans join before a generator runs
		t.Fatal(err)
	}
	if err := w.DB.PublishEvent(w.Ctx, 0, w.Event.ID); err != nil {
		t.Fatal(err)
	}
	if w.Event, err = w.DB.Event(w.Ctx, w.Event.ID); err != nil {
		t.Fatal(err)
	}
}

// Role runs a role until the test ends and fails the test if it ends with an error.
func (w *World) Role(run func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = func() {
		cancel()
		if err, ok := <-ended; ok && err != nil {
			w.T.Errorf("role ended with %v", err)
		}
		close(ended)
	}
	return stop
}

// Generator starts the generator; it is stopped with the test.
func (w *World) Generator() {
	w.T.Helper()
	leads := make(chan struct{})
	w.T.Cleanup(w.Role(func(ctx context.Context) error {
		return generator.Run(ctx, generator.Config{
			DatabaseURL: w.DatabaseURL, Redis: w.Redis, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}))
	select {
	case <-leads:
	case <-time.After(10 * time.Second):
		w.T.Fatal("the generator does not lead")
	}
}

// Fan registers a person.
func (w *World) Fan() int64 {
	w.T.Helper()
	id := uuid.NewString()
	a, err := w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Fan", Email: id + "@guiche.test", PasswordHash: "-", Language: "en"})
	if err != nil {
		w.T.Fatal(err)
	}
	return a.ID
}

// Order is an order of a person as the web would accept it now.
func (w *World) Order(account int64, quantity int) store.QueuedOrder {
	t := w.Event.Types[0]
	return store.QueuedOrder{
		ID: uuid.New(), EventID: w.Event.ID, TicketTypeID: t.ID, AccountID: account, Quantity: quantity,
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: "BRL", PerPerson: w.Event.PerPerson,
		HoldSeconds: w.Event.HoldSeconds, RefundPolicy: w.Event.RefundPolicy, AcceptedAt: time.Now(),
	}
}

// Join puts an order into the line.
func (w *World) Join(o store.QueuedOrder) line.Joined {
	w.T.Helper()
	j, err := w.Line.Join(w.Ctx, o)
	if err != nil {
		w.T.Fatal(err)
	}
	return j
}

// JoinAll lets n new fans join one after the other.
func (w *World) JoinAll(n, quantity int) (orders []store.QueuedOrder) {
	w.T.Helper()
	for range n {
		o := w.Order(w.Fan(), quantity)
		w.Join(o)
		orders = append(orders, o)
	}
	return orders
}

// Pay settles a reserved order as the worker does once the gateway has said so.
func (w *World) Pay(o store.QueuedOrder) {
	w.T.Helper()
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.DB.SettleCharge(w.Ctx, c.ID, store.Verdict{
		Status: store.ChargeCaptured, GatewayID: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency,
	}); err != nil {
		w.T.Fatal(err)
	}
	if err := w.Nudges.ServeReturnList(w.Ctx, o.TicketTypeID); err != nil {
		w.T.Fatal(err)
	}
}

// GiveUp lets a fan leave her place or her hold.
func (w *World) GiveUp(o store.QueuedOrder) {
	w.T.Helper()
	if err := w.Nudges.Leave(w.Ctx, o.ID); err != nil {
		w.T.Fatal(err)
	}
	w.Becomes(o.ID, store.Left)
}

// Eventually waits until ok says so.
func (w *World) Eventually(what string, ok func() bool) {
	w.T.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			w.T.Fatalf("did not come true: %s", what)
		case <-tick.C:
		}
	}
}

// Becomes waits until an order has a status and returns it.
func (w *World) Becomes(id uuid.UUID, status store.OrderStatus) (o store.Order) {
	w.T.Helper()
	w.Eventually(fmt.Sprintf("order %s is %s", id, status), func() bool {
		var err error
		o, err = w.DB.Order(w.Ctx, id)
		return err == nil && o.Status == status
	})
	return o
}

// Balanced fails the test unless the books balance with so many free and the audit finds nothing.
func (w *World) Balanced(free int) {
	w.T.Helper()
	w.Audited()
	w.Booked(free)
}

// Booked fails the test unless the books balance with so many free.
func (w *World) Booked(free int) {
	w.T.Helper()
	books, err := w.DB.Books(w.Ctx, w.Event.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, b := range books {
		if !b.Balanced() || b.Free() != free {
			w.T.Errorf("books: %+v, want %d free", b, free)
		}
	}
}

// Audited fails the test for everything that the audit finds.
func (w *World) Audited() {
	w.T.Helper()
	findings, err := w.DB.Audit(w.Ctx, w.Line.Numbers)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range findings {
		w.T.Errorf("the audit finds %+v", f)
	}
}

// OtherEvent opens a second event with one type.
func (w *World) OtherEvent(capacity int) store.Event {
	w.T.Helper()
	e := w.Event
	e.Slug, e.Types = "other", nil
	e, err := w.DB.CreateEvent(w.Ctx, 0, e)
	if err != nil {
		w.T.Fatal(err)
	}
	kind, _, err := w.DB.CreateTicketType(w.Ctx, 0, store.TicketType{EventID: e.ID, Name: "Pista", PriceCents: 1000, Capacity: capacity})
	if err != nil {
		w.T.Fatal(err)
	}
	raw := w.Raw()
	if _, err := raw.Exec(`update stock set capacity = $2 where ticket_type_id = $1`, kind.ID, capacity); err != nil {
		w.T.Fatal(err)
	}
	if err := w.DB.PublishEvent(w.Ctx, 0, e.ID); err != nil {
		w.T.Fatal(err)
	}
	e.Types = []store.TicketType{kind}
	return e
}

// Raw is a connection for what no method of the store would do.
func (w *World) Raw() *sql.DB {
	w.T.Helper()
	raw, err := sql.Open("postgres", w.DatabaseURL)
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = raw.Close() })
	return raw
}
