package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"guiche/store"
	"guiche/store/local"
)

// world is the store alone: real Postgres, a leader, one event on sale with one ticket type, an admin.
type world struct {
	t      *testing.T
	ctx    context.Context
	url    string
	db     *store.Store
	raw    *sql.DB // looks behind the store's back, and moves clocks
	leader *store.Leader
	admin  int64
	event  store.Event
	kind   store.TicketType
	number int64 // the last one given in the line
}

func newWorld(t *testing.T, capacity int) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), url: local.NewDatabase(t)}
	var err error
	w.db, err = store.Open(w.ctx, w.url)
	w.check(err)
	t.Cleanup(func() { _ = w.db.Close() })
	w.raw, err = sql.Open("postgres", w.url)
	w.check(err)
	t.Cleanup(func() { _ = w.raw.Close() })
	w.leader = w.lead()
	admin, err := w.db.MakeAdmin(w.ctx, store.Account{Name: "Admin", Email: "admin@guiche.test", PasswordHash: "-", Language: "en"})
	w.check(err)
	w.admin = admin.ID
	w.event, err = w.db.CreateEvent(w.ctx, w.admin, newEvent("show"))
	w.check(err)
	w.addType("Pista", capacity)
	w.check(w.db.PublishEvent(w.ctx, w.admin, w.event.ID))
	w.event, err = w.db.Event(w.ctx, w.event.ID)
	w.check(err)
	w.kind = w.event.Types[0]
	return w
}

func newEvent(slug string) store.Event {
	now := time.Now()
	return store.Event{
		Slug: slug, Name: "Show", TimeZone: "America/Sao_Paulo", StartsAt: now.AddDate(0, 1, 0),
		SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: now.Add(24 * time.Hour), Currency: "BRL", PerPerson: 4, HoldSeconds: 600, HoldExtras: store.DefaultHoldExtras,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
	}
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// lead makes a leader that is closed with the test.
func (w *world) lead() *store.Leader {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	leader, err := store.Lead(ctx, w.url)
	w.check(err)
	w.t.Cleanup(leader.Close)
	return leader
}

// addType adds a ticket type whose capacity the leader sets at once.
func (w *world) addType(name string, capacity int) store.TicketType {
	w.t.Helper()
	kind, change, err := w.db.CreateTicketType(w.ctx, w.admin, store.TicketType{
		EventID: w.event.ID, Name: name, PriceCents: 10_000, FeeCents: 1000, Capacity: capacity,
	})
	w.check(err)
	_, err = w.leader.SetCapacity([]int64{change})
	w.check(err)
	return kind
}

func (w *world) fan() int64 {
	w.t.Helper()
	a, err := w.db.CreateAccount(w.ctx, store.Account{
		Role: store.Fan, Name: "Fan", Email: uuid.NewString() + "@guiche.test", PasswordHash: "-", Language: "en",
	})
	w.check(err)
	return a.ID
}

// wish is the next order in line.
func (w *world) wish(account int64, quantity int) store.QueuedOrder {
	w.number++
	return store.QueuedOrder{
		ID: uuid.New(), EventID: w.event.ID, TicketTypeID: w.kind.ID, AccountID: account, Number: w.number, Quantity: quantity,
		PriceCents: w.kind.PriceCents, FeeCents: w.kind.FeeCents, Currency: "BRL", PerPerson: 4, HoldSeconds: 600,
		RefundPolicy: w.event.RefundPolicy, AcceptedAt: time.Now(),
	}
}

// everybody decides all orders alike, whatever the stock.
func everybody(status store.OrderStatus) func(store.Inputs) []store.Decision {
	return func(d store.Inputs) (all []store.Decision) {
		for _, o := range d.Orders {
			all = append(all, store.Decision{OrderID: o.ID, Status: status})
		}
		return all
	}
}

// reserve gives an order its tickets.
func (w *world) reserve(account int64, quantity int) store.Order {
	w.t.Helper()
	return w.decide(w.wish(account, quantity), store.Reserved)
}

func (w *world) decide(o store.QueuedOrder, status store.OrderStatus) store.Order {
	w.t.Helper()
	out, err := w.leader.Decide([]store.QueuedOrder{o}, nil, everybody(status))
	w.check(err)
	w.balanced()
	return out.Orders[0]
}

// charge opens a charge for a reserved order.
func (w *world) charge(o store.Order) store.Charge {
	w.t.Helper()
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, "sandbox", "")
	w.check(err)
	w.check(w.db.RecordCharge(w.ctx, c.ID, "ch_"+c.ID.String(), "http://pay.test/"+c.ID.String(), "pix"))
	c, err = w.db.Charge(w.ctx, c.ID)
	w.check(err)
	return c
}

// captured is the gateway's word that all was paid.
func captured(c store.Charge) store.Verdict {
	return store.Verdict{Status: store.ChargeCaptured, GatewayID: c.GatewayID, AmountCents: c.AmountCents, Currency: c.Currency}
}

func (w *world) settle(c store.Charge, v store.Verdict) (o store.Order, news bool) {
	w.t.Helper()
	done, err := w.db.SettleCharge(w.ctx, c.ID, v)
	w.check(err)
	w.balanced()
	return done.Order, done.News
}

// buy is an order that is reserved and paid.
func (w *world) buy(account int64, quantity int) store.Order {
	w.t.Helper()
	o := w.reserve(account, quantity)
	w.settle(w.charge(o), captured(w.charge(o)))
	return w.order(o.ID)
}

func (w *world) order(id uuid.UUID) store.Order {
	w.t.Helper()
	o, err := w.db.Order(w.ctx, id)
	w.check(err)
	return o
}

func (w *world) wantStatus(id uuid.UUID, want store.OrderStatus) store.Order {
	w.t.Helper()
	o := w.order(id)
	if o.Status != want {
		w.t.Errorf("the order is %s, want %s", o.Status, want)
	}
	return o
}

func wantTickets(t *testing.T, o store.Order, want store.TicketStatus) {
	t.Helper()
	if len(o.Tickets) != o.Quantity {
		t.Errorf("%d tickets for a quantity of %d", len(o.Tickets), o.Quantity)
	}
	for _, ticket := range o.Tickets {
		if ticket.Status != want {
			t.Errorf("ticket %d is %s, want %s", ticket.Number, ticket.Status, want)
		}
	}
}

// set changes rows as no method of the store would.
func (w *world) set(statement string, args ...any) {
	w.t.Helper()
	_, err := w.raw.Exec(statement, args...)
	w.check(err)
}

// count reads one number.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.check(w.raw.QueryRow(query, args...).Scan(&n))
	return n
}

// refused fails the test unless a constraint of this name refuses the statement.
func (w *world) refused(constraint, statement string, args ...any) {
	w.t.Helper()
	_, err := w.raw.Exec(statement, args...)
	wantConstraint(w.t, err, constraint)
}

func wantConstraint(t *testing.T, err error, constraint string) {
	t.Helper()
	refusal, ok := errors.AsType[*pq.Error](err)
	if !ok || refusal.Constraint != constraint {
		t.Errorf("got %v, want a refusal by %s", err, constraint)
	}
}

func (w *world) wantErr(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Errorf("got %v, want %v", err, want)
	}
}

func (w *world) free() int {
	w.t.Helper()
	return w.count(`select capacity - taken from stock where ticket_type_id = $1`, w.kind.ID)
}

func (w *world) wantFree(want int) {
	w.t.Helper()
	if free := w.free(); free != want {
		w.t.Errorf("%d free, want %d", free, want)
	}
}

// balanced recomputes the stock in two ways: from orders, and from tickets with the refunds that are yet to come back.
func (w *world) balanced() {
	w.t.Helper()
	books, err := w.db.Books(w.ctx, w.event.ID)
	w.check(err)
	for _, b := range books {
		if !b.Balanced() {
			w.t.Errorf("the books do not balance: %+v", b)
		}
		tickets := w.count(`
			select count(*) from tickets t left join refunds r on r.id = t.refund_id
			where t.ticket_type_id = $1 and (t.status <> 'void' or r.id is not null and r.released_at is null)`, b.TicketTypeID)
		if tickets != b.Taken {
			w.t.Errorf("%d tickets are out, the stock says %d", tickets, b.Taken)
		}
	}
}
