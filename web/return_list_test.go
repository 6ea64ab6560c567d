package web

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/store"
)

func TestTheReturnListIsFollowedLive(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 2})
	ana, bia, caio := w.fan(), w.fan(), w.fan()
	hold := ana.join(e, 2)
	ana.await(hold, store.Reserved)
	first, second := bia.join(e, 2), caio.join(e, 1)
	bia.await(first, store.Waiting)
	caio.await(second, store.Waiting)
	data := caio.follow(second, "?as=json")
	o := w.nextOrder(data)
	for o.Place == nil || *o.Place != 2 { // the list in this process's memory may be a moment old
		o = w.nextOrder(data)
	}
	if o.Status != store.Waiting || *o.Ahead != 2 || o.Decision != nil || len(o.Tickets) != 0 {
		t.Errorf("a waiting order reads %+v", o)
	}
	bia.post("/orders/"+first.String()+"/leave", nil).want(http.StatusSeeOther)
	bia.await(first, store.Left)
	for *o.Place != 1 {
		o = w.nextOrder(data)
	}
	ana.post("/orders/"+hold.String()+"/leave", nil).want(http.StatusSeeOther)
	for o.Status == store.Waiting {
		o = w.nextOrder(data)
	}
	if o.Status != store.Reserved || len(o.Tickets) != 1 || o.Place != nil {
		t.Errorf("then came %+v", o)
	}
}

func TestAPausedSaleKeepsPlaces(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	admin, fan := w.signedIn(w.account(store.Admin)), w.fan()
	page := adminEventPath(e.ID)
	admin.post(page+"/pause", nil).want(http.StatusSeeOther)
	admin.post(page+"/pause", nil).want(http.StatusSeeOther) // a second click
	id := fan.join(e, 1)
	w.Eventually("the order is parked as a row", func() bool {
		o, err := w.DB.Order(t.Context(), id)
		return err == nil && o.Status == store.Queued
	})
	if o := fan.order(id); o.Status != store.Queued || o.Place == nil || *o.Place != 1 {
		t.Errorf("a parked order reads %+v", o)
	}
	admin.get(page).want(http.StatusOK)
	fan.post(page+"/resume", nil).want(http.StatusNotFound)
	admin.post(page+"/resume", nil).want(http.StatusSeeOther)
	fan.await(id, store.Reserved)
}

func TestAParkedPlaceIsAnsweredFromMemory(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	if err := w.DB.PauseEvent(t.Context(), w.admin.ID, e.ID, true); err != nil {
		t.Fatal(err)
	}
	fan := w.fan()
	id := fan.join(e, 1)
	w.Eventually("the order is parked as a row", func() bool {
		o, err := w.DB.Order(t.Context(), id)
		return err == nil && o.Status == store.Queued
	})
	w.stopWeb() // no news is heard but what the test tells
	ask := func() store.Order {
		m, err := w.server.orders.finder.find(t.Context(), fan.account.ID, id)
		if err != nil || m.Order.Status == store.Queued && m.Place != 1 {
			t.Fatalf("the order is %+v, %v", m, err)
		}
		return m.Order
	}
	ask()
	if _, err := w.Raw.Exec(`update orders set hold_seconds = 77 where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if ask().HoldSeconds == 77 {
		t.Error("asking again reaches Postgres")
	}
	w.server.live.heard(line.News{EventID: e.ID, Orders: []uuid.UUID{id}})
	if ask().HoldSeconds != 77 {
		t.Error("news of the order is not looked up")
	}
	if err := w.DB.PauseEvent(t.Context(), w.admin.ID, e.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.Resume(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the line has moved on, though no news said so", func() bool { return ask().Status == store.Reserved })
}
