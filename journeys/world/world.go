// Package world is a small shop for tests: real Postgres and Redis, one event on sale with one ticket type, its fans and
// their orders. Roles run when a test asks for them. Only tests import it.
package world

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
	"guiche/store/local"
)

// World is a shop without a web role.
type World struct {
	T           testing.TB
	Ctx         context.Context
	DatabaseURL string
	DB          *store.Store
	Raw         *sql.DB // looks behind the store's back, and moves clocks
	Admin       int64   // who makes events; 0 is nobody
	Event       store.Event

	// What a world on Postgres alone does not have.
	RedisURL string
	Redis    *redis.Client
	Line     *line.Line
	Nudges   *jobs.Nudges
}

// New opens an event with one type of the given capacity; a generator sets it and ends. From here on the test runs beside
// others.
func New(t *testing.T, capacity int) *World {
	t.Helper()
	w := Empty(t)
	w.UseRedis(local.NewRedis(t))
	w.open(capacity)
	return w
}

// Empty is a world on an empty database, without Redis. From here on a test runs beside others: nothing of a world is
// shared, and most of a test is waiting.
func Empty(t testing.TB) *World {
	t.Helper()
	if test, ok := t.(*testing.T); ok {
		test.Parallel()
	}
	w := &World{T: t, Ctx: t.Context(), DatabaseURL: local.NewDatabase(t)}
	w.UsePostgres()
	return w
}

// Open connects to servers that a test has started itself, and opens an event as New does.
func (w *World) Open(redisURL string, capacity int) {
	w.T.Helper()
	w.UsePostgres()
	w.UseRedis(redisURL)
	w.open(capacity)
}

// open puts an event on sale and makes Redis ready for fans who join before a generator runs.
func (w *World) open(capacity int) {
	w.T.Helper()
	leader := w.Lead()
	defer leader.Close()
	w.Sell(leader, store.TicketType{Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: capacity})
	w.Check(w.Line.Rebuild(w.Ctx, store.Rebuilt{}))
	_, err := w.Line.TakeOver(w.Ctx, leader.Epoch())
	w.Check(err)
}

// UsePostgres connects to the database.
func (w *World) UsePostgres() {
	w.T.Helper()
	var err error
	w.DB, err = store.Open(w.Ctx, w.DatabaseURL)
	w.Check(err)
	w.T.Cleanup(func() { _ = w.DB.Close() })
	w.Raw = Raw(w.T, w.DatabaseURL)
}

// UseRedis connects to a Redis.
func (w *World) UseRedis(url string) {
	w.T.Helper()
	var err error
	w.Redis, err = jobs.OpenRedis(w.Ctx, url)
	w.Check(err)
	w.T.Cleanup(func() { _ = w.Redis.Close() })
	w.RedisURL, w.Line, w.Nudges = url, line.New(w.Redis), jobs.NewNudges(w.Redis)
}

// Lead makes a leader, which is closed with the test if not before.
func (w *World) Lead() *store.Leader {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	leader, err := store.Lead(ctx, w.DatabaseURL)
	w.Check(err)
	w.T.Cleanup(leader.Close)
	return leader
}

// Show is an event that is on sale, as admins would plan it.
func Show(slug string) store.Event {
	now := time.Now()
	return store.Event{
		Slug: slug, Name: "Show", TimeZone: "America/Sao_Paulo", StartsAt: now.AddDate(0, 1, 0),
		SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: now.Add(24 * time.Hour), Currency: "BRL", PerPerson: 4,
		HoldSeconds: 600, HoldExtras: store.DefaultHoldExtras,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
	}
}

// Sell puts the event on sale, with one ticket type whose capacity the leader sets.
func (w *World) Sell(leader *store.Leader, kind store.TicketType) {
	w.T.Helper()
	e, err := w.DB.CreateEvent(w.Ctx, w.Admin, Show("show"))
	w.Check(err)
	kind.EventID = e.ID
	w.AddType(leader, kind)
	w.Check(w.DB.PublishEvent(w.Ctx, w.Admin, e.ID))
	w.Event, err = w.DB.Event(w.Ctx, e.ID)
	w.Check(err)
}

// AddType adds a ticket type to an event; the leader sets its capacity at once.
func (w *World) AddType(leader *store.Leader, kind store.TicketType) store.TicketType {
	w.T.Helper()
	kind, change, err := w.DB.CreateTicketType(w.Ctx, w.Admin, kind)
	w.Check(err)
	_, err = leader.SetCapacity([]int64{change})
	w.Check(err)
	return kind
}

// Fan registers a person.
func (w *World) Fan() int64 {
	w.T.Helper()
	id := uuid.NewString()
	a, err := w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Fan", Email: id + "@guiche.test", PasswordHash: "-", Language: "en"})
	w.Check(err)
	return a.ID
}

// Order is an order of a person as the web would accept it now.
func (w *World) Order(account int64, quantity int) store.QueuedOrder {
	return Order(w.Event, w.Event.Types[0], account, quantity)
}

// Order is an order for a type of an event as the web would accept it now.
func Order(e store.Event, kind store.TicketType, account int64, quantity int) store.QueuedOrder {
	return store.QueuedOrder{
		ID: uuid.New(), EventID: e.ID, TicketTypeID: kind.ID, AccountID: account, Quantity: quantity,
		PriceCents: kind.PriceCents, FeeCents: kind.FeeCents, Currency: e.Currency, PerPerson: e.PerPerson,
		HoldSeconds: e.HoldSeconds, RefundPolicy: e.RefundPolicy, AcceptedAt: time.Now(),
	}
}

// Join puts an order into the line.
func (w *World) Join(o store.QueuedOrder) line.Joined {
	w.T.Helper()
	j, err := w.Line.Join(w.Ctx, o)
	w.Check(err)
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
	w.Check(Capture(w.Ctx, w.DB, o))
	w.Check(w.Nudges.ServeReturnList(w.Ctx, o.TicketTypeID))
}

// Capture makes a charge for a reserved order, of which the gateway says that it is paid.
func Capture(ctx context.Context, db *store.Store, o store.QueuedOrder) error {
	c, err := db.StartCharge(ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		return err
	}
	_, err = db.SettleCharge(ctx, c.ID, store.Verdict{
		Status: store.ChargeCaptured, GatewayID: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency,
	})
	return err
}

// GiveUp lets a fan leave her place or her hold.
func (w *World) GiveUp(o store.QueuedOrder) {
	w.T.Helper()
	w.Check(w.Nudges.Leave(w.Ctx, o.ID))
	w.Becomes(o.ID, store.Left)
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

// HoldEnds lets the time of holds be over: a test that waited for it would race with it before.
func (w *World) HoldEnds(ids ...uuid.UUID) {
	w.T.Helper()
	for _, id := range ids {
		w.Set(`update orders set reserved_until = now() where id = $1 and status = 'reserved'`, id)
	}
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
	w.Check(err)
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
	w.Check(err)
	for _, f := range findings {
		w.T.Errorf("the audit finds %+v", f)
	}
}

// OtherEvent opens a second event with one type.
func (w *World) OtherEvent(capacity int) store.Event {
	w.T.Helper()
	e, err := w.DB.CreateEvent(w.Ctx, w.Admin, Show("other"))
	w.Check(err)
	kind, _, err := w.DB.CreateTicketType(w.Ctx, w.Admin, store.TicketType{EventID: e.ID, Name: "Pista", PriceCents: 1000, Capacity: capacity})
	w.Check(err)
	w.Set(`update stock set capacity = $2 where ticket_type_id = $1`, kind.ID, capacity) // no leader stands by for it
	w.Check(w.DB.PublishEvent(w.Ctx, w.Admin, e.ID))
	e.Types = []store.TicketType{kind}
	return e
}
