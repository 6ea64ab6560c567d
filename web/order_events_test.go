package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	base "guiche/journeys/world"
	"guiche/store"
	"guiche/views"
)

// event is one server-sent event.
type event struct{ name, data string }

// follow listens to an order until the test ends; the channel is closed when the server ends the stream.
func (v *visitor) follow(id uuid.UUID, query string) <-chan event {
	v.w.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	v.w.T.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.w.url+"/orders/"+id.String()+"/events"+query, nil)
	if err != nil {
		v.w.T.Fatal(err)
	}
	client := *v.client
	client.Timeout = 0
	response, err := client.Do(r)
	if err != nil {
		v.w.T.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		v.w.T.Fatalf("live updates: status %d, %s", response.StatusCode, got)
	}
	events := make(chan event)
	go func() {
		defer close(events)
		defer response.Body.Close()
		var e event
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				e.name = value
			case name == "data":
				e.data += value + "\n"
			case lines.Text() == "" && e.name != "":
				select {
				case events <- e:
				case <-ctx.Done():
					return
				}
				e = event{}
			}
		}
	}()
	return events
}

// next is the next event; ok is false if the stream ended.
func (w *world) next(events <-chan event) (e event, ok bool) {
	w.T.Helper()
	select {
	case e, ok = <-events:
		return e, ok
	case <-time.After(base.Patience):
		w.T.Fatal("no event came")
	}
	return e, ok
}

func (w *world) nextOrder(events <-chan event) (o orderJSON) {
	w.T.Helper()
	e, ok := w.next(events)
	if !ok || e.name != views.OrderEvent {
		w.T.Fatalf("came %+v, %v; want an order", e, ok)
	}
	if err := json.Unmarshal([]byte(e.data), &o); err != nil {
		w.T.Fatal(err)
	}
	return o
}

func TestAnOrdersWayIsFollowedLive(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 3})
	w.stopGenerator()
	ana, bia := w.fan(), w.fan()
	first, second := ana.join(e, 3), bia.join(e, 1)
	data, page := bia.follow(second, "?as=json"), bia.follow(second, "")
	if o := w.nextOrder(data); o.Status != store.Queued || *o.Place != 2 || *o.Ahead != 3 {
		t.Errorf("first came %+v", o)
	}
	if part, _ := w.next(page); part.name != views.OrderEvent || !strings.Contains(part.data, "2º") || strings.Contains(part.data, "<html") {
		t.Errorf("first came the part %+v", part)
	}
	w.startGenerator()
	ana.await(first, store.Paid)
	o := w.nextOrder(data)
	for o.Status == store.Queued { // she may have seen the line move
		o = w.nextOrder(data)
	}
	if o.Status != store.SoldOut {
		t.Errorf("then came %+v", o)
	}
	if end, ok := w.next(data); !ok || end.name != views.CloseEvent {
		t.Errorf("at last came %+v, %v", end, ok)
	}
	if _, ok := w.next(data); ok {
		t.Error("the stream goes on")
	}
	for part, ok := w.next(page); part.name != views.CloseEvent; part, ok = w.next(page) {
		if !ok {
			t.Fatal("the page's stream ended without a word")
		}
	}
	// Who asks again is told how it ended, and no more.
	again := bia.follow(second, "?as=json")
	if o := w.nextOrder(again); o.Status != store.SoldOut {
		t.Errorf("afterwards came %+v", o)
	}
	if end, _ := w.next(again); end.name != views.CloseEvent {
		t.Errorf("afterwards came %+v", end)
	}
}

func TestPlacesMoveLive(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	ana, bia := w.fan(), w.fan()
	first, second := ana.join(e, 2), bia.join(e, 1)
	data := bia.follow(second, "?as=json")
	if o := w.nextOrder(data); *o.Place != 2 {
		t.Fatalf("first came %+v", o)
	}
	// The head moves over Ana's order, as if the generator were between the two.
	p, err := w.Line.Find(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	cache := line.New(w.Redis)
	passed := line.Passed{}
	passed.Add(p)
	if err := cache.Tell(t.Context(), store.Outcome{}, passed); err != nil {
		t.Fatal(err)
	}
	if err := cache.Publish(t.Context(), line.News{EventID: e.ID}); err != nil {
		t.Fatal(err)
	}
	if o := w.nextOrder(data); o.Status != store.Queued || *o.Place != 1 || *o.Ahead != 0 {
		t.Errorf("then came %+v", o)
	}
}

func TestAHoldThatIsGivenUpIsToldLive(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.join(e, 2)
	fan.await(id, store.Reserved)
	data := fan.follow(id, "?as=json")
	if o := w.nextOrder(data); o.Status != store.Reserved || o.ReservedUntil == nil {
		t.Fatalf("first came %+v", o)
	}
	fan.post("/orders/"+id.String()+"/leave", nil).leadsTo("/orders/" + id.String())
	if o := w.nextOrder(data); o.Status != store.Left {
		t.Errorf("then came %+v", o)
	}
	fan.get("/orders/" + id.String()).says(views.LeftLine.In(t.Context()))
	fan.post("/orders/"+id.String()+"/leave", nil).leadsTo("/orders/" + id.String()) // twice is once
}

func TestLiveUpdatesEndWhenTheRoleStops(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.join(e, 1)
	fan.await(id, store.Reserved)
	data := fan.follow(id, "?as=json")
	w.nextOrder(data)
	if got := w.metric("guiche_live_connections"); got != 1 {
		t.Errorf("%v live connections are counted, want 1", got)
	}
	w.stopWeb()
	if e, ok := w.next(data); ok {
		t.Errorf("came %+v, want the end without a word, so that the browser connects again", e)
	}
	if got := w.metric("guiche_live_connections"); got != 0 {
		t.Errorf("%v live connections are counted after the end", got)
	}
}

func TestWhoMissedTheNewsIsToldNevertheless(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.join(e, 1)
	fan.await(id, store.Reserved)
	data := fan.follow(id, "?as=json")
	w.nextOrder(data)
	// Redis cuts the connection that listens, and the order changes before it is back.
	if err := w.Redis.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.Leave(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if o := w.nextOrder(data); o.Status != store.Left {
		t.Errorf("came %+v", o)
	}
}

func TestASlowListenerHoldsNobodyUp(t *testing.T) {
	l := newLive(nil, quiet)
	id := uuid.New()
	slow, stop := l.listen(1, id)
	for range 1000 { // nobody reads what it is told
		l.heard(line.News{EventID: 2, Orders: []uuid.UUID{id}})
		l.refresh(t.Context())
	}
	if len(slow.order) != 1 {
		t.Errorf("the listener has %d wake-ups, want one that stands for all", len(slow.order))
	}
	stop()
	if len(l.listeners) != 0 || len(l.events[1].listeners) != 0 {
		t.Errorf("who went away is still known: %v", l.listeners)
	}
}
