package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/store"
)

func TestEventsShowTheirSale(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	open := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 12345, FeeCents: 500, Capacity: 7})
	ahead := w.createEvent(func(e *store.Event) { e.Name, e.SaleStartsAt = "Amanhã", now.Add(time.Hour) })
	over := w.createEvent(func(e *store.Event) { e.Name, e.SaleEndsAt = "Ontem", now.Add(-time.Minute) })
	draft := w.createDraft(func(e *store.Event) { e.Name = "Rascunho" })
	nobody, fan, admin := w.visitor(), w.fan(), w.signedIn(w.admin)

	nobody.get("/").want(http.StatusOK).says(open.Slug).says(ahead.Slug).says(over.Slug).silent(draft.Slug)
	page := nobody.get("/events/" + open.Slug).want(http.StatusOK)
	page.says("R$").says("123,45").says("/login?next=").silent(`name="order_id"`)
	fan.get("/events/" + open.Slug).want(http.StatusOK).says(`name="order_id"`).says("Restam 7")
	fan.get("/events/" + ahead.Slug).want(http.StatusOK).says("data-until").silent(`name="order_id"`)
	fan.get("/events/" + over.Slug).want(http.StatusOK).silent(`name="order_id"`)
	nobody.get("/events/" + ahead.Slug).says("/register?next=")

	nobody.get("/events/" + draft.Slug).want(http.StatusNotFound)
	fan.get("/events/" + draft.Slug).want(http.StatusNotFound)
	admin.get("/events/" + draft.Slug).want(http.StatusOK).says("Rascunho")
	admin.get("/events/no-such-show").want(http.StatusNotFound)
	admin.get("/events/%FF%00").want(http.StatusNotFound)

	for _, e := range []store.Event{ahead, over} {
		fan.post("/events/"+e.Slug+"/orders", orderForm(uuid.New(), e, 0, 1)).want(http.StatusConflict).says("/events/" + e.Slug)
	}
	fan.post("/events/"+draft.Slug+"/orders", orderForm(uuid.New(), draft, 0, 1)).want(http.StatusNotFound)
}

func TestWhatIsLeftFollowsTheSale(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 5})
	fan, nobody := w.fan(), w.visitor()
	fan.await(fan.join(e, 3), store.Reserved)
	w.Eventually("the page says that two are left", func() bool {
		return strings.Contains(nobody.get("/events/"+e.Slug).body, "Restam 2")
	})
	// A cache that lost everything means "unknown": then the rows are asked.
	if err := w.Redis.Del(t.Context(), "guiche:event:"+itoa(e.ID)).Err(); err != nil {
		t.Fatal(err)
	}
	config := w.server.Config
	config.Metrics = prometheus.NewRegistry()
	fresh, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if e, err = fresh.shop.catalog.bySlug(t.Context(), e.Slug); err != nil {
		t.Fatal(err)
	}
	if got := fresh.shop.left(t.Context(), e)[e.Types[0].ID]; got != 2 {
		t.Errorf("without the cache %d are left, want 2", got)
	}
}

func TestACrowdOfReadersAsksPostgresOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	v := w.visitor()
	v.get("/events/" + e.Slug).want(http.StatusOK)
	// With Postgres gone the page still stands, from memory.
	if err := w.DB.Close(); err != nil {
		t.Fatal(err)
	}
	w.server.shop.catalog.mu.Lock()
	w.server.shop.catalog.last.at = time.Now().Add(-2 * catalogFresh)
	w.server.shop.catalog.mu.Unlock()
	v.get("/events/" + e.Slug).want(http.StatusOK).says(e.Name)
	v.get("/readyz").want(http.StatusOK) // no other process would do better
	v.get("/healthz").want(http.StatusOK)
}

func TestWithoutRedisReadersCanStillRead(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.RateLimit = DefaultLimits })
	e := w.createEvent(nil)
	fan, nobody := w.fan(), w.visitor()
	w.stopGenerator()
	_ = w.Redis.ShutdownNoSave(t.Context()) // its answer is a connection that breaks
	w.Eventually("Redis is gone", func() bool { return w.Redis.Ping(t.Context()).Err() != nil })
	nobody.get("/").want(http.StatusOK).says(e.Name)
	nobody.get("/events/" + e.Slug).want(http.StatusOK).says("Restam 100")
	nobody.get("/readyz").want(http.StatusOK) // no other process would do better
	for _, a := range []answer{
		fan.get("/orders"),
		fan.post("/events/"+e.Slug+"/orders", orderForm(uuid.New(), e, 0, 1)),
		nobody.post("/login", url.Values{"email": {fan.account.Email}, "password": {testPassword}}),
	} {
		if a.want(http.StatusServiceUnavailable).header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", a.what)
		}
	}
}

func TestAChangedEventIsShownAtOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.visitor().get("/").says(e.Name)
	e.Name = "Baile do Sol"
	if err := w.DB.UpdateEvent(t.Context(), w.admin.ID, e); err != nil {
		t.Fatal(err)
	}
	w.server.shop.catalog.forget()
	w.visitor().get("/").says("Baile do Sol")
}
