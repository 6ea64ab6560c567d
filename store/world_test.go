package store_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/lib/pq"

	base "guiche/journeys/world"
	"guiche/store"
)

// world is the store alone: a shop without Redis whose leader decides what a test says.
type world struct {
	*base.World
	leader *store.Leader
	kind   store.TicketType // the event's
	number int64            // the last one given in the line
}

func newWorld(t *testing.T, capacity int) *world {
	t.Helper()
	w := &world{World: base.Empty(t)}
	w.leader = w.Lead()
	admin, err := w.DB.MakeAdmin(w.Ctx, store.Account{Name: "Admin", Email: "admin@guiche.test", PasswordHash: "-", Language: "en"})
	w.Check(err)
	w.Admin = admin.ID
	w.Sell(w.leader, store.TicketType{Name: "Pista", PriceCents: 10_000, FeeCents: 1000, Capacity: capacity})
	w.kind = w.Event.Types[0]
	return w
}

// addType adds a ticket type at the price of the first.
func (w *world) addType(name string, capacity int) store.TicketType {
	w.T.Helper()
	return w.AddType(w.leader, store.TicketType{EventID: w.Event.ID, Name: name, PriceCents: 10_000, FeeCents: 1000, Capacity: capacity})
}

// wish is the next order in line.
func (w *world) wish(account int64, quantity int) store.QueuedOrder {
	w.number++
	o := base.Order(w.Event, w.kind, account, quantity)
	o.Number = w.number
	return o
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
	w.T.Helper()
	return w.decide(w.wish(account, quantity), store.Reserved)
}

func (w *world) decide(o store.QueuedOrder, status store.OrderStatus) store.Order {
	w.T.Helper()
	out, err := w.leader.Decide([]store.QueuedOrder{o}, nil, everybody(status))
	w.Check(err)
	w.balanced()
	return out.Orders[0]
}

// charge opens a charge for a reserved order.
func (w *world) charge(o store.Order) store.Charge {
	w.T.Helper()
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
	w.Check(err)
	w.Check(w.DB.RecordCharge(w.Ctx, c.ID, "ch_"+c.ID.String(), "http://pay.test/"+c.ID.String(), "pix"))
	c, err = w.DB.Charge(w.Ctx, c.ID)
	w.Check(err)
	return c
}

// captured is the gateway's word that all was paid.
func captured(c store.Charge) store.Verdict {
	return store.Verdict{Status: store.ChargeCaptured, GatewayID: c.GatewayID, AmountCents: c.AmountCents, Currency: c.Currency}
}

func (w *world) settle(c store.Charge, v store.Verdict) (o store.Order, news bool) {
	w.T.Helper()
	done, err := w.DB.SettleCharge(w.Ctx, c.ID, v)
	w.Check(err)
	w.balanced()
	return done.Order, done.News
}

// buy is an order that is reserved and paid.
func (w *world) buy(account int64, quantity int) store.Order {
	w.T.Helper()
	o := w.reserve(account, quantity)
	w.settle(w.charge(o), captured(w.charge(o)))
	return w.order(o.ID)
}

func (w *world) order(id uuid.UUID) store.Order {
	w.T.Helper()
	o, err := w.DB.Order(w.Ctx, id)
	w.Check(err)
	return o
}

func (w *world) wantStatus(id uuid.UUID, want store.OrderStatus) store.Order {
	w.T.Helper()
	o := w.order(id)
	if o.Status != want {
		w.T.Errorf("the order is %s, want %s", o.Status, want)
	}
	return o
}

func wantTickets(t testing.TB, o store.Order, want store.TicketStatus) {
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

// refused fails the test unless a constraint of this name refuses the statement.
func (w *world) refused(constraint, statement string, args ...any) {
	w.T.Helper()
	_, err := w.Raw.Exec(statement, args...)
	wantConstraint(w.T, err, constraint)
}

func wantConstraint(t testing.TB, err error, constraint string) {
	t.Helper()
	refusal, ok := errors.AsType[*pq.Error](err)
	if !ok || refusal.Constraint != constraint {
		t.Errorf("got %v, want a refusal by %s", err, constraint)
	}
}

func (w *world) wantErr(err, want error) {
	w.T.Helper()
	if !errors.Is(err, want) {
		w.T.Errorf("got %v, want %v", err, want)
	}
}

func (w *world) free() int {
	w.T.Helper()
	return w.Count(`select capacity - taken from stock where ticket_type_id = $1`, w.kind.ID)
}

func (w *world) wantFree(want int) {
	w.T.Helper()
	if free := w.free(); free != want {
		w.T.Errorf("%d free, want %d", free, want)
	}
}

// balanced recomputes the stock in two ways: from orders, and from tickets with the refunds that are yet to come back.
func (w *world) balanced() {
	w.T.Helper()
	books, err := w.DB.Books(w.Ctx, w.Event.ID)
	w.Check(err)
	for _, b := range books {
		if !b.Balanced() {
			w.T.Errorf("the books do not balance: %+v", b)
		}
		tickets := w.Count(`
			select count(*) from tickets t left join refunds r on r.id = t.refund_id
			where t.ticket_type_id = $1 and (t.status <> 'void' or r.id is not null and r.released_at is null)`, b.TicketTypeID)
		if tickets != b.Taken {
			w.T.Errorf("%d tickets are out, the stock says %d", tickets, b.Taken)
		}
	}
}
