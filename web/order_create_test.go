package web

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func TestTenClicksMakeOneOrder(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	same := uuid.New()
	for name, id := range map[string]func() uuid.UUID{
		"the same form ten times": func() uuid.UUID { return same },
		"ten tabs":                uuid.New,
	} {
		places := make([]string, 10)
		var clicks sync.WaitGroup
		for i := range places {
			form := orderForm(id(), e, 0, 2)
			clicks.Go(func() {
				a, err := fan.try(http.MethodPost, "/events/"+e.Slug+"/orders", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
				if err != nil || a.status != http.StatusSeeOther {
					t.Errorf("%s: status %d, %v", name, a.status, err)
				}
				places[i] = a.header.Get("Location")
			})
		}
		clicks.Wait()
		for _, place := range places {
			if place != "/orders/"+same.String() && name == "the same form ten times" || place != places[0] {
				t.Errorf("%s lead to %v", name, places)
				break
			}
		}
		order := uuid.MustParse(places[0][len("/orders/"):])
		fan.await(order, store.Reserved)
		fan.post("/orders/"+order.String()+"/leave", nil).want(http.StatusSeeOther)
		fan.await(order, store.Left)
	}
	orders, err := w.DB.AccountOrders(t.Context(), fan.account.ID)
	if err != nil || len(orders) != 2 {
		t.Errorf("the account has %d orders, %v; want one for each round", len(orders), err)
	}
}

func TestAFormThatIsSentAgainFindsItsOrder(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.join(e, 1)
	fan.await(id, store.Reserved)
	form := orderForm(id, e, 0, 1)
	fan.post("/events/"+e.Slug+"/orders", form).leadsTo("/orders/" + id.String())
	// Also after the sale: what was accepted is honoured.
	e.SaleEndsAt = time.Now()
	if err := w.DB.UpdateEvent(t.Context(), w.admin.ID, e); err != nil {
		t.Fatal(err)
	}
	w.server.shop.catalog.forget()
	fan.post("/events/"+e.Slug+"/orders", form).leadsTo("/orders/" + id.String())
	fan.post("/events/"+e.Slug+"/orders", orderForm(uuid.New(), e, 0, 1)).want(http.StatusConflict).says("/events/" + e.Slug)
}

func TestAnotherAccountsOrderIDJoinsUnderAFreshOne(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	ana, bia := w.fan(), w.fan()
	id := ana.join(e, 1)
	page := bia.post("/events/"+e.Slug+"/orders", orderForm(id, e, 0, 1)).want(http.StatusUnprocessableEntity)
	page.silent(id.String()).says(`name="order_id"`)
	bia.get("/orders/" + id.String()).want(http.StatusNotFound)
}

func TestAStaleOpenEntryDoesNotStandInTheWay(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	first := fan.join(e, 1)
	fan.await(first, store.Reserved)
	fan.post("/orders/"+first.String()+"/leave", nil)
	fan.await(first, store.Left)
	// A crash between the commit and the telling leaves the entry of an order that has ended.
	key := "guiche:event:" + itoa(e.ID) + ":open"
	w.Eventually("the place is free", func() bool { return w.Redis.HLen(t.Context(), key).Val() == 0 })
	if err := w.Redis.HSet(t.Context(), key, fan.account.ID, first.String()).Err(); err != nil {
		t.Fatal(err)
	}
	fan.get("/events/" + e.Slug).want(http.StatusOK).says(`name="order_id"`)
	if err := w.Redis.HSet(t.Context(), key, fan.account.ID, first.String()).Err(); err != nil {
		t.Fatal(err)
	}
	fan.await(fan.join(e, 1), store.Reserved)
}

func TestJoiningIsLimitedPerAccount(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Join = 2
	})
	e := w.createEvent(nil)
	ana, bia := w.fan(), w.fan()
	id := ana.join(e, 2)
	ana.post("/events/"+e.Slug+"/orders", orderForm(id, e, 0, 2)).want(http.StatusSeeOther)
	page := ana.post("/events/"+e.Slug+"/orders", orderForm(id, e, 0, 2)).want(http.StatusTooManyRequests)
	if page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	page.says(id.String()).says(`<option value="2" selected>`)
	bia.join(e, 1)
}

// TestIDsOfOrdersRise holds the forms that an order can come from to ids that rise with time: the end of the index is
// written, not each order another leaf of it.
func TestIDsOfOrdersRise(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, other := w.fan(), w.fan()
	held := other.join(e, 1)
	path := "/events/" + e.Slug
	var last uuid.UUID
	for name, ask := range map[string]func() answer{
		"the event's page":       func() answer { return fan.get(path) },
		"the page once more":     func() answer { return fan.get(path) },
		"a form without an id":   func() answer { return fan.post(path+"/orders", url.Values{"order_id": {"x"}}) },
		"a form of someone else": func() answer { return fan.post(path+"/orders", orderForm(held, e, 0, 1)) },
	} {
		a := ask()
		found := regexp.MustCompile(`name="order_id" value="([^"]+)"`).FindStringSubmatch(a.body)
		if found == nil {
			t.Errorf("%s: status %d, no id", name, a.status)
			continue
		}
		id, err := uuid.Parse(found[1])
		if err != nil || id.Version() != 7 || bytes.Compare(id[:], last[:]) <= 0 {
			t.Errorf("%s: %s after %s, %v", name, id, last, err)
		}
		last = id
	}
}
