package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// passOf is the pass that the browser holds, empty for none.
func (v *visitor) passOf() string {
	v.w.T.Helper()
	site, err := url.Parse(v.w.url)
	if err != nil {
		v.w.T.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(site) {
		if c.Name == v.w.server.orders.passes.name {
			return c.Value
		}
	}
	return ""
}

func TestWhoWaitsIsToldWithoutHerSession(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.RateLimit = DefaultLimits })
	e := w.createEvent(nil)
	w.stopGenerator()
	ana := w.fan()
	id := ana.join(e, 2)
	path := "/orders/" + id.String()
	ana.get(path).want(http.StatusOK) // in the long way, and the pass comes along
	counted := w.Redis.Keys(t.Context(), "rate:address:*").Val()
	if len(counted) != 1 {
		t.Fatalf("addresses counted: %v", counted)
	}
	before := w.Redis.Get(t.Context(), counted[0]).Val()
	if err := w.Redis.Del(t.Context(), w.Redis.Keys(t.Context(), "scs:session:*").Val()...).Err(); err != nil {
		t.Fatal(err)
	}
	if o := ana.order(id); o.Status != store.Queued || *o.Place != 1 {
		t.Errorf("the order is %+v", o)
	}
	part := ana.get(path, "HX-Request", "true").want(http.StatusOK).says("<article").silent("<html")
	if !strings.Contains(part.header.Get("Vary"), "HX-Request") {
		t.Errorf("a part may be kept for a page: Vary %q", part.header.Get("Vary"))
	}
	events := ana.follow(id, "?as=json")
	if o := w.nextOrder(events); o.Status != store.Queued {
		t.Errorf("live came %+v", o)
	}
	if after := w.Redis.Get(t.Context(), counted[0]).Val(); after != before {
		t.Error("asking again counted in Redis")
	}
	// It opens nothing else.
	for _, try := range []answer{
		ana.get(path), ana.get("/orders"), ana.post(path+"/leave", nil), ana.post(path+"/pay", nil), ana.get(path + "/refunds"),
	} {
		if try.want(http.StatusSeeOther); !strings.HasPrefix(try.header.Get("Location"), "/login") {
			t.Errorf("%s leads to %s", try.what, try.header.Get("Location"))
		}
	}
	w.startGenerator()
	w.Eventually("her turn has come", func() bool { // without asking for the order more often than one may
		o, err := w.DB.Order(t.Context(), id)
		return err == nil && o.Status == store.Reserved
	})
	w.Eventually("her turn is told", func() bool { return ana.order(id).Status == store.Reserved })
}

func TestAPassIsForOneOrderOfOneAccountForAWhile(t *testing.T) {
	w := newWorld(t)
	e, other := w.createEvent(nil), w.createEvent(nil)
	ana, bia := w.fan(), w.fan()
	hers, anas := bia.join(e, 1), ana.join(other, 1)
	ana.get("/orders/" + anas.String()).want(http.StatusOK)
	good := ana.passOf()
	if good == "" {
		t.Fatal("no pass came")
	}
	sign := func(id uuid.UUID, account int64, end time.Time) string {
		return w.server.orders.passes.sign(pass{id, account, end, sessionID("hers")})
	}
	later := time.Now().Add(time.Minute)
	altered := []byte(good)
	altered[10] ^= 1
	elsewhere, err := newPasses(w.server.pages, []byte("another secret, long enough to be one"), w.server.orders.ended)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		id   uuid.UUID
		pass string
		want int
	}{
		"hers":                 {anas, good, http.StatusOK},
		"for another order":    {hers, good, http.StatusUnauthorized},
		"of another account":   {anas, sign(anas, bia.account.ID, later), http.StatusNotFound},
		"altered":              {anas, string(altered), http.StatusUnauthorized},
		"too late":             {anas, sign(anas, ana.account.ID, time.Now().Add(-time.Second)), http.StatusUnauthorized},
		"by somebody else":     {anas, elsewhere.sign(pass{anas, ana.account.ID, later, sessionID("hers")}), http.StatusUnauthorized},
		"empty":                {anas, "", http.StatusUnauthorized},
		"no pass":              {anas, "a pass", http.StatusUnauthorized},
		"of no order":          {uuid.New(), good, http.StatusUnauthorized},
		"for an order unknown": {uuid.Nil, sign(uuid.Nil, ana.account.ID, later), http.StatusNotFound},
	} {
		got := w.visitor().get("/orders/"+row.id.String(), "Accept", "application/json", "Cookie", w.server.orders.passes.name+"="+row.pass)
		if got.status != row.want {
			t.Errorf("%s: %d, want %d", name, got.status, row.want)
		}
	}
	ana.post("/logout", nil).want(http.StatusSeeOther)
	if ana.passOf() != "" {
		t.Error("she signed out and kept the pass")
	}
	ana.get("/orders/"+anas.String(), "Accept", "application/json").want(http.StatusUnauthorized)
}

func TestNobodyAsksOrListensWithoutEnd(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.RateLimit = DefaultLimits })
	e := w.createEvent(nil)
	w.stopGenerator()
	ana := w.fan()
	id := ana.join(e, 1)
	path := "/orders/" + id.String()
	ana.get(path)
	var refused answer
	for range 200 {
		if refused = ana.get(path, "Accept", "application/json"); refused.status != http.StatusOK {
			break
		}
	}
	if refused.want(http.StatusTooManyRequests); refused.header.Get("Retry-After") == "" {
		t.Error("she is not told when to ask again")
	}
	ana.get(path).want(http.StatusOK) // the page itself still opens
	cia := w.fan()
	id = cia.join(e, 1)
	for range mostOfOrder {
		cia.follow(id, "")
	}
	cia.get("/orders/" + id.String() + "/events").want(http.StatusOK).says("event: busy")
	cia.get("/orders/" + id.String() + "/events?as=json").want(http.StatusTooManyRequests)
}

func TestALostOrderEndsItsLiveUpdates(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	ana := w.fan()
	id := ana.join(e, 1)
	events := ana.follow(id, "?as=json")
	w.nextOrder(events)
	if err := w.Redis.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	// Until another one leads, the last one may still decide her order.
	w.Eventually("her page does not know", func() bool {
		return ana.get("/orders/"+id.String(), "Accept", "application/json").status == http.StatusServiceUnavailable
	})
	w.startGenerator() // tells Redis anew what the rows know; of this order they know nothing
	last, ok := w.next(events)
	for ok && last.name == "order" {
		last, ok = w.next(events)
	}
	if ok && last.name != "gone" { // or the stream ended, before a leader could say so
		t.Errorf("at last came %+v", last)
	}
	w.Eventually("she is told", func() bool {
		return ana.get("/orders/"+id.String(), "Accept", "application/json").status == http.StatusNotFound
	})
}

func TestAPassDoesNotRenewItself(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	ana := w.fan()
	id := ana.join(e, 1)
	path := "/orders/" + id.String()
	old := w.server.orders.passes.sign(pass{id, ana.account.ID, time.Now().Add(passTime / 3), sessionID("hers")})
	cookie := w.server.orders.passes.name + "=" + old
	for _, header := range [][]string{{"Accept", "application/json"}, {"HX-Request", "true"}} {
		got := w.visitor().get(path, append(header, "Cookie", cookie)...).want(http.StatusOK)
		if said := got.header.Values("Set-Cookie"); len(said) > 0 {
			t.Errorf("a copy of the pass got %v", said)
		}
	}
	ana.get(path, "Accept", "application/json").want(http.StatusOK)
	if ana.passOf() == "" {
		t.Error("she came with her session and got no pass")
	}
}

func TestAPassEndsWithItsSession(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	for how, end := range map[string]func(*visitor){
		"signed out": func(v *visitor) { v.post("/logout", nil).want(http.StatusSeeOther) },
		"changed her password": func(v *visitor) {
			v.post("/account/password", url.Values{"current": {testPassword}, "password": {anotherPassword}}).want(http.StatusSeeOther)
		},
		"signed out elsewhere": func(v *visitor) { // by another process
			err := endSessions.Run(t.Context(), w.Redis, []string{sessionsKey(v.account.ID), endedKey}, sessionPrefix, endedTime.Milliseconds()).Err()
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		ana := w.fan()
		id := ana.join(e, 1)
		path := "/orders/" + id.String()
		ana.get(path).want(http.StatusOK)
		thief, stolen := w.visitor(), w.server.orders.passes.name+"="+ana.passOf()
		ask := func() int { return thief.get(path, "Accept", "application/json", "Cookie", stolen).status }
		if got := ask(); got != http.StatusOK {
			t.Fatalf("a pass is good for %d", got)
		}
		open := ana.follow(id, "?as=json")
		w.nextOrder(open)
		end(ana)
		for range open { // until it ends
		}
		w.Eventually("the pass ends with: "+how, func() bool { return ask() == http.StatusUnauthorized })
	}
}
