package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/store"
	"guiche/views"
)

// pay opens the charge of a reserved order and returns the payment page's address.
func (v *visitor) pay(id uuid.UUID) string {
	v.w.T.Helper()
	to := v.post("/orders/"+id.String()+"/pay", nil).want(http.StatusSeeOther).header.Get("Location")
	if !strings.HasPrefix(to, v.w.providerURL+"/") {
		v.w.T.Fatalf("paying leads to %q", to)
	}
	return to
}

// press presses a button of the payment page and returns where it leads.
func (v *visitor) press(payURL, outcome string) string {
	v.w.T.Helper()
	response, err := v.client.PostForm(payURL, url.Values{"outcome": {outcome}})
	if err != nil {
		v.w.T.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		v.w.T.Fatalf("%s: the payment page answers %d", outcome, response.StatusCode)
	}
	return response.Header.Get("Location")
}

// reserve joins the line and waits for the hold.
func (v *visitor) reserve(e store.Event, quantity int) uuid.UUID {
	v.w.T.Helper()
	id := v.join(e, quantity)
	v.await(id, store.Reserved)
	return id
}

// buy goes the whole way to paid tickets.
func (v *visitor) buy(e store.Event, quantity int) store.Order {
	v.w.T.Helper()
	id := v.reserve(e, quantity)
	v.press(v.pay(id), "approve")
	v.await(id, store.Paid)
	o, err := v.w.DB.Order(v.w.T.Context(), id)
	if err != nil {
		v.w.T.Fatal(err)
	}
	return o
}

// noNotices is a gateway whose provider cannot reach the shop.
type noNotices struct{ payment.Gateway }

func (g noNotices) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	c.NoticeURL = "http://127.0.0.1:1/nobody"
	return g.Gateway.Create(ctx, c)
}

// free waits until so many tickets of the first type are free, by the rows, and the books balance.
func (w *world) free(e store.Event, want int) {
	w.T.Helper()
	w.Eventually("the stock is right", func() bool {
		books, err := w.DB.Books(w.T.Context(), e.ID)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, b := range books {
			if !b.Balanced() {
				w.T.Fatalf("the books do not balance: %+v", b)
			}
		}
		return books[0].Free() == want
	})
}

func TestPayingByNotice(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 2)
	if back := fan.press(fan.pay(id), "approve"); back != w.url+"/orders/"+id.String()+"?back=1" {
		t.Errorf("the payment page leads back to %q", back)
	}
	// Nobody looks at the order's page: the notice alone makes the order paid.
	w.Eventually("the order is paid", func() bool {
		o, err := w.DB.Order(t.Context(), id)
		return err == nil && o.Status == store.Paid
	})
	o := fan.order(id)
	if len(o.Tickets) != 2 || o.Tickets[0].Status != store.TicketValid || o.Tickets[1].Status != store.TicketValid {
		t.Errorf("the tickets are %+v", o.Tickets)
	}
	w.free(e, 98)
}

func TestPayingByComingBack(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Gateways = payment.NewGateways(noNotices{c.Gateways.Current()}) })
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	back := fan.press(fan.pay(id), "approve")
	fan.get(strings.TrimPrefix(back, w.url)).leadsTo("/orders/" + id.String())
	w.Eventually("the order's page tells that it is paid", func() bool {
		return strings.Contains(fan.get("/orders/"+id.String()).want(http.StatusOK).body, `/tickets/`+itoa(fan.order(id).Tickets[0].ID)+`"`)
	})
	fan.await(id, store.Paid)
	w.free(e, 99)
}

func TestNoticesAndReturnsInAnyNumberPayOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.press(fan.pay(id), "approve")
	charge := w.order(id).Charge
	for i := range 5 {
		fan.get("/orders/" + id.String()).want(http.StatusOK)
		w.notice(noticeBody("ev_"+itoa(int64(i)), charge.ID.String()), time.Now()).want(http.StatusOK)
	}
	w.settled()
	fan.await(id, store.Paid)
	o := w.order(id)
	if len(o.Refunds) != 0 || len(o.Tickets) != 1 || o.Charge.Status != store.ChargeCaptured {
		t.Errorf("the order is %+v", o)
	}
	w.free(e, 99)
}

func TestPayingTwiceAtOnceOpensOneCharge(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	pages := make(chan string, 10)
	var all sync.WaitGroup
	for range cap(pages) {
		all.Go(func() {
			a, err := fan.try(http.MethodPost, "/orders/"+id.String()+"/pay", "")
			if err != nil || a.status != http.StatusSeeOther {
				t.Errorf("status %d, %v", a.status, err)
			}
			pages <- a.header.Get("Location")
		})
	}
	all.Wait()
	first := <-pages
	if !strings.HasPrefix(first, w.providerURL+"/") {
		t.Fatalf("leads to %q", first)
	}
	for range cap(pages) - 1 {
		if page := <-pages; page != first {
			t.Errorf("leads to %q and %q", first, page)
		}
	}
}

func TestAnOpenChargeIsFoundWithoutTheGateway(t *testing.T) {
	gateway := &fickle{}
	w := newWorld(t, gateway.wrap)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	page := fan.pay(id)
	gateway.fail(errors.New("down"))
	if again := fan.pay(id); again != page {
		t.Errorf("leads to %q and then to %q", page, again)
	}
}

func TestDeclinedThenPaid(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	first := fan.pay(id)
	fan.press(first, "decline")
	w.Eventually("the decline is known", func() bool { return w.order(id).Charge.Status == store.ChargeFailed })
	fan.get("/orders/" + id.String()).want(http.StatusOK).says(said(views.PaymentDeclined))
	second := fan.pay(id)
	if second == first {
		t.Fatal("the declined charge is offered again")
	}
	fan.press(second, "abandon")
	if again := fan.pay(id); again != second {
		t.Errorf("going back without paying cost the charge: %q, then %q", second, again)
	}
	fan.press(second, "approve")
	fan.await(id, store.Paid)
	w.free(e, 99)
}

func TestTheGatewayIsDown(t *testing.T) {
	gateway := &fickle{}
	w := newWorld(t, gateway.wrap)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	gateway.fail(errors.New("connection refused"))
	fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable).
		says(said(views.PaymentDown)).says("/orders/" + id.String() + "/pay").silent("connection refused")
	if o := fan.order(id); o.Status != store.Reserved {
		t.Fatalf("the hold became %s", o.Status)
	}
	w.free(e, 99)
	gateway.fail(nil)
	fan.press(fan.pay(id), "approve")
	fan.await(id, store.Paid)
}

func TestAGatewayThatIsAwayKeepsNobodyWaiting(t *testing.T) {
	gateway := &fickle{}
	w := newWorld(t, gateway.wrap)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	gateway.fail(errors.New("connection refused"))
	for range payment.AwayAfter + 3 {
		fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable).
			says(said(views.PaymentDown)).says("/orders/" + id.String() + "/pay")
	}
	if asked := gateway.times(); asked != payment.AwayAfter {
		t.Errorf("the gateway was asked %d times", asked)
	}
	if o := fan.order(id); o.Status != store.Reserved {
		t.Errorf("the hold became %s", o.Status)
	}
}

func TestAnAnswerThatWasLost(t *testing.T) {
	gateway := &fickle{}
	w := newWorld(t, gateway.wrap)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	gateway.loseAnswers(true)
	fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable)
	gateway.loseAnswers(false)
	fan.press(fan.pay(id), "approve") // the charge that was made is found again
	fan.await(id, store.Paid)
	if o := w.order(id); len(o.Refunds) != 0 {
		t.Errorf("refunds: %+v", o.Refunds)
	}
}

func TestAChargeThatIsMadeTooLateIsCancelled(t *testing.T) {
	gateway := &fickle{}
	w := newWorld(t, gateway.wrap)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	gateway.beforeCreate(func() {
		// Meanwhile the fan leaves in another tab, and the charge that the provider does not know yet is given up.
		fan.post("/orders/"+id.String()+"/leave", nil).want(http.StatusSeeOther)
		fan.await(id, store.Left)
	})
	fan.post("/orders/"+id.String()+"/pay", nil).leadsTo("/orders/" + id.String())
	fan.get("/orders/" + id.String()).says(said(views.NotPossible))
	now, err := w.gateway.Find(t.Context(), w.order(id).Charge.ID.String(), time.Now())
	if err != nil || now.Status != payment.Cancelled {
		t.Errorf("the charge is %s, %v", now.Status, err)
	}
	w.free(e, 100)
}

func TestPayingIsForTheReserved(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 2})
	fan, other := w.fan(), w.fan()
	paid := fan.buy(e, 1)
	soldOut := other.join(e, 2)
	other.await(soldOut, store.SoldOut)
	for v, id := range map[*visitor]uuid.UUID{fan: paid.ID, other: soldOut} {
		v.post("/orders/"+id.String()+"/pay", nil).leadsTo("/orders/" + id.String())
		v.get("/orders/" + id.String()).want(http.StatusOK).says(said(views.NotPossible))
	}
	w.stopGenerator()
	queued := other.join(e, 1)
	other.post("/orders/"+queued.String()+"/pay", nil).leadsTo("/orders/" + queued.String())
	for _, path := range []string{
		"/orders/" + paid.ID.String(), "/orders/" + queued.String(), "/orders/" + uuid.NewString(), "/orders/1", "/orders/" + uuid.Nil.String(),
	} {
		if path != "/orders/"+queued.String() {
			other.post(path+"/pay", nil).want(http.StatusNotFound)
		}
		if path != "/orders/"+paid.ID.String() {
			fan.post(path+"/pay", nil).want(http.StatusNotFound)
		}
		w.visitor().post(path+"/pay", nil).want(http.StatusSeeOther)
	}
}

func TestAHoldThatIsNotPaidInTime(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 3)
	page := fan.pay(id) // an open charge does not keep the hold
	w.HoldEnds(id)
	fan.await(id, store.Expired)
	w.free(e, 100)
	fan.get("/orders/" + id.String()).want(http.StatusOK).says(said(views.Message{Key: "order.expired"}))
	charge := w.order(id).Charge
	now, err := w.gateway.Get(t.Context(), charge.GatewayID)
	if err != nil || now.Status != payment.Cancelled {
		t.Errorf("the charge is %s, %v", now.Status, err)
	}
	late, err := fan.client.PostForm(page, url.Values{"outcome": {"approve"}})
	if err != nil || late.StatusCode != http.StatusConflict {
		t.Errorf("the payment page takes late money: %v, %v", late, err)
	}
	_ = late.Body.Close()
	fan.post("/orders/"+id.String()+"/pay", nil).leadsTo("/orders/" + id.String())
	if o := w.order(id); o.Status != store.Expired || len(o.Refunds) != 0 {
		t.Errorf("the order is %+v", o)
	}
}

func TestLookingIsCheap(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.pay(id)
	o := w.order(id)
	o.Charge.ID = uuid.New() // nobody's, so that only this test looks
	c := w.server.echo.NewContext(httptest.NewRequest(http.MethodGet, "/orders/"+id.String(), nil), httptest.NewRecorder())
	w.stopWorker()
	for range 5 {
		w.server.orders.hints.pollShown(c, o)
	}
	if n := w.looks(); n != 1 {
		t.Errorf("five pages asked for %d looks", n)
	}
	if left := w.Redis.PTTL(t.Context(), "guiche:look:"+o.Charge.ID.String()).Val(); left <= 0 || left > pollPause {
		t.Errorf("the next look is possible after %v", left)
	}
	o.Charge.ID, o.Charge.Status = uuid.New(), store.ChargeFailed
	w.server.orders.hints.pollShown(c, o)
	if n := w.looks(); n != 1 {
		t.Error("a charge that has ended is looked at")
	}
}

// looks counts what waits for the worker, once it has stopped.
func (w *world) looks() int64 {
	w.T.Helper()
	pending, err := w.Redis.LLen(w.T.Context(), "asynq:{payments}:pending").Result()
	if err != nil {
		w.T.Fatal(err)
	}
	return pending
}

// said is a message as a Brazilian reads it on a page.
func said(m views.Message) string {
	text := m.In(views.WithLanguage(context.Background(), views.Portuguese))
	return strings.NewReplacer(`"`, "&#34;", `'`, "&#39;").Replace(text)
}

// order reads an order from its rows.
func (w *world) order(id uuid.UUID) store.Order {
	w.T.Helper()
	o, err := w.DB.Order(w.T.Context(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

// settled waits until every notice was worked on.
func (w *world) settled() {
	w.T.Helper()
	db := w.Raw
	w.Eventually("the notices are worked on", func() bool {
		var left int
		if err := db.QueryRow(`select count(*) from notices where handled_at is null`).Scan(&left); err != nil {
			w.T.Fatal(err)
		}
		return left == 0
	})
}

// fickle is a gateway that can break on demand.
type fickle struct {
	payment.Gateway
	mu     sync.Mutex
	broken error
	lost   bool
	before func()
	asked  int
}

func (g *fickle) wrap(c *Config) {
	g.Gateway = c.Gateways.Current()
	c.Gateways = payment.NewGateways(g)
}

// fail makes Create fail before the provider hears of it; nil mends it.
func (g *fickle) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.broken = err
}

// loseAnswers makes Create fail after the provider has done it.
func (g *fickle) loseAnswers(lose bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lost = lose
}

// beforeCreate runs f before the provider hears of a charge.
func (g *fickle) beforeCreate(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before = f
}

// times is how often Create was called.
func (g *fickle) times() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func (g *fickle) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	g.mu.Lock()
	broken, lost, before := g.broken, g.lost, g.before
	g.asked++
	g.mu.Unlock()
	if broken != nil {
		return payment.Charge{}, broken
	}
	if before != nil {
		before()
	}
	c, err := g.Gateway.Create(ctx, n)
	if lost {
		return payment.Charge{}, errors.New("the answer was lost")
	}
	return c, err
}

func TestASlowGatewayHasATime(t *testing.T) {
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that its client went away only afterwards
		<-r.Context().Done()
	}))
	defer stuck.Close()
	w := newWorld(t, func(c *Config) {
		c.Gateways = payment.NewGateways(hasty{sandbox.New(stuck.URL, providerSecret)})
	})
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.post("/orders/"+id.String()+"/pay", nil).want(http.StatusServiceUnavailable).says(said(views.PaymentDown))
}

// hasty checks that a call is bounded, and then gives it less.
type hasty struct{ payment.Gateway }

func (g hasty) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	until, bounded := ctx.Deadline()
	if !bounded || time.Until(until) > gatewayTime {
		panic("the call has no time limit")
	}
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	return g.Gateway.Create(ctx, n)
}
