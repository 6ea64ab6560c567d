package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/store"
)

func TestAPlaceInLineIsTold(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: 5},
		store.TicketType{Name: "Camarote", PriceCents: 5000, Capacity: 5})
	w.stopGenerator()
	ana, bia, caio := w.fan(), w.fan(), w.fan()
	first := ana.join(e, 3)
	other := uuid.New()
	bia.post("/events/"+e.Slug+"/orders", orderForm(other, e, 1, 4)).want(http.StatusSeeOther)
	last := caio.join(e, 2)

	a := ana.get("/orders/"+first.String(), "Accept", "application/json").want(http.StatusOK)
	want := `{"id":"` + first.String() + `","event":"` + e.Slug + `","ticket_type":` + itoa(e.Types[0].ID) + `,"quantity":3,` +
		`"status":"queued","number":1,"place":1,"ahead":0,"decision":null,"reserved_until":null,"amount_cents":3300,"currency":"BRL","tickets":[]}`
	if got := strings.TrimSpace(a.body); got != want {
		t.Errorf("JSON of a queued order:\n%s\nwant\n%s", got, want)
	}
	if o := caio.order(last); *o.Place != 3 || *o.Ahead != 3 || *o.Number != 3 {
		t.Errorf("the third stands at place %d with %d tickets ahead", *o.Place, *o.Ahead)
	}
	caio.get("/orders/" + last.String()).want(http.StatusOK).says("3º").says("/orders/" + last.String() + "/events")
	caio.get("/orders").want(http.StatusOK).says("/orders/" + last.String())
	caio.get("/events/" + e.Slug).want(http.StatusOK).says("/orders/" + last.String()).silent(`name="order_id"`)
	ana.get("/orders/" + last.String()).want(http.StatusNotFound).says("entre na fila de novo")
	w.visitor().get("/orders/" + last.String()).leadsTo("/login?next=%2Forders%2F" + last.String())

	bia.post("/orders/"+other.String()+"/leave", nil).want(http.StatusSeeOther)
	w.startGenerator()
	ana.await(first, store.Reserved)
	bia.await(other, store.Left)
	o := caio.await(last, store.Reserved)
	if o.Place != nil || o.Ahead != nil || o.Decision == nil || o.ReservedUntil == nil || len(o.Tickets) != 2 {
		t.Errorf("a reserved order reads %+v", o)
	}
	if o.ReservedUntil.Location() != time.UTC {
		t.Errorf("reserved until %v, want UTC", o.ReservedUntil)
	}
}

func TestSoldOutIsSaidAtOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 1})
	ana, bia := w.fan(), w.fan()
	ana.await(ana.join(e, 1), store.Paid)
	o := bia.await(bia.join(e, 1), store.SoldOut)
	if o.ReservedUntil != nil || o.Place != nil || len(o.Tickets) != 0 {
		t.Errorf("a sold-out order reads %+v", o)
	}
	bia.get("/orders/" + o.ID.String()).want(http.StatusOK).silent("sse-connect")
	w.Eventually("the event says so", func() bool {
		return strings.Contains(bia.get("/events/"+e.Slug).body, "type-gone")
	})
}

func TestFreeTicketsAreConfirmedWithoutACharge(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 10})
	fan := w.fan()
	o := fan.await(fan.join(e, 2), store.Paid)
	if len(o.Tickets) != 2 || o.Tickets[0].Status != store.TicketValid {
		t.Errorf("free tickets are %+v", o.Tickets)
	}
}

func TestAskingForAPlaceAgainIsAnsweredFromMemory(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	w.stopWeb() // nothing but the questions below reaches Redis
	fan := w.account(store.Fan)
	o := store.QueuedOrder{
		ID: uuid.New(), EventID: e.ID, TicketTypeID: e.Types[0].ID, AccountID: fan.ID, Quantity: 2, Currency: "BRL", PerPerson: 4,
	}
	if _, err := w.Line.Join(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	ask := func() {
		m, err := w.server.orders.finder.find(t.Context(), fan.ID, o.ID)
		if err != nil || m.Order.Status != store.Queued || m.Place != 1 {
			t.Fatalf("the order is %+v, %v", m.Order, err)
		}
	}
	ask()
	if _, ok := w.server.live.places.findInLine(o.ID); !ok {
		t.Fatal("the place is not remembered")
	}
	asked := w.commands("hget")
	for range 50 {
		ask()
	}
	if more := w.commands("hget") - asked; more > 5 {
		t.Errorf("50 questions reached Redis %d times", more)
	}
	w.server.live.heard(line.News{EventID: e.ID, Orders: []uuid.UUID{o.ID}})
	if _, ok := w.server.live.places.findInLine(o.ID); ok {
		t.Error("the place is remembered after the order's turn")
	}
}

// commands is how often Redis has run a command.
func (w *world) commands(name string) (calls int) {
	w.T.Helper()
	for line := range strings.Lines(w.Redis.Info(w.T.Context(), "commandstats").Val()) {
		if rest, ok := strings.CutPrefix(line, "cmdstat_"+name+":calls="); ok {
			number, _, _ := strings.Cut(rest, ",")
			n, err := strconv.Atoi(number)
			if err != nil {
				w.T.Fatal(err)
			}
			calls += n
		}
	}
	return calls
}
