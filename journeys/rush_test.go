package journeys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/journeys/world"
	"guiche/store"
	"guiche/views"
)

// balancer is a small load balancer before web processes, as platforms have: it takes turns among those that say that
// they are ready, and tries the next one when one does not take the connection.
type balancer struct {
	*httptest.Server
	backends     []string
	ready        []atomic.Bool
	serverErrors atomic.Int64
}

// checkEvery is how often a balancer asks who is ready; drain is how long a process that stops goes on meanwhile.
const (
	checkEvery = 100 * time.Millisecond
	drain      = 3 * time.Second
)

// check asks the processes whether they are ready, until the test ends.
func (b *balancer) check(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		for i, host := range b.backends {
			response, err := http.Get("http://" + host + "/readyz")
			if err == nil {
				_ = response.Body.Close()
			}
			b.ready[i].Store(err == nil && response.StatusCode == http.StatusOK)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func newBalancer(t *testing.T, backends ...string) *balancer {
	b := &balancer{backends: backends, ready: make([]atomic.Bool, len(backends))}
	go b.check(t.Context())
	var turn atomic.Int64
	transport := &http.Transport{DisableKeepAlives: true} // each request dials, so that a stopped backend is seen before it is sent
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme = "http" },
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			first := int(turn.Add(1))
			last := errors.New("nobody is ready")
			for i := range backends {
				next := (first + i) % len(backends)
				if !b.ready[next].Load() {
					continue
				}
				r.URL.Host = backends[next]
				response, err := transport.RoundTrip(r)
				if dial, ok := err.(*net.OpError); !ok || dial.Op != "dial" {
					return response, err
				}
				last = err
			}
			return nil, last
		}),
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode >= 500 {
				b.serverErrors.Add(1)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				b.serverErrors.Add(1)
				t.Logf("balancer: %s %s: %v", r.Method, r.URL.Path, err)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	b.Server = httptest.NewServer(proxy)
	t.Cleanup(b.Close)
	return b
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// rush is a shop with two web processes behind a balancer, and one event of 50 tickets.
type rush struct {
	*shop
	event    store.Event
	balancer *balancer
	webs     [2]*process
}

const (
	rushFans    = 200
	rushTickets = 50
)

func newRush(t *testing.T) *rush {
	t.Helper()
	r := &rush{shop: newShop(t, map[string]string{"DRAIN_TIME": drain.String()})}
	r.startGenerator()
	r.startSandbox()
	r.startWorker()
	r.webs = [2]*process{r.startWeb(0), r.startWeb(1)}
	r.balancer = newBalancer(t, fmt.Sprintf("localhost:%d", r.webPort(0)), fmt.Sprintf("localhost:%d", r.webPort(1)))
	world.Eventually(t, "the balancer knows who is ready", func() bool {
		return r.balancer.ready[0].Load() && r.balancer.ready[1].Load()
	})
	now := time.Now()
	r.event = r.createEvent(store.Event{
		Slug: "rush", Name: "Rush", StartsAt: now.AddDate(0, 1, 0), SaleStartsAt: now.Add(-time.Hour),
		SaleEndsAt: now.Add(time.Hour), PerPerson: 1,
		Types: []store.TicketType{{Name: "Pista", PriceCents: 1000, Capacity: rushTickets}},
	})
	return r
}

// fans registers people and signs them in; each comes back as a browser with its session.
func (r *rush) fans(people int) []*http.Client {
	r.t.Helper()
	hash := hashed(r.t)
	clients := make([]*http.Client, people)
	next := make(chan int)
	var signing sync.WaitGroup
	for range 2 { // no more than find a free slot for hashing
		signing.Go(func() {
			for i := range next {
				email := fmt.Sprintf("fan-%d@guiche.test", i)
				if _, err := r.db.CreateAccount(r.t.Context(), store.Account{
					Role: store.Fan, Name: "Fan", Email: email, PasswordHash: hash, Language: views.English,
				}); err != nil {
					r.t.Error(err)
					return
				}
				jar, _ := cookiejar.New(nil) // never fails
				clients[i] = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				response, err := clients[i].PostForm(r.balancer.URL+"/login", url.Values{"email": {email}, "password": {fanPassword}})
				if err != nil {
					r.t.Error(err)
					return
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusSeeOther {
					r.t.Errorf("sign-in answered %d", response.StatusCode)
				}
			}
		})
	}
	for i := range clients {
		next <- i
	}
	close(next)
	signing.Wait()
	if r.t.Failed() {
		r.t.FailNow()
	}
	return clients
}

// outcome is what one fan was told.
type outcome struct {
	id     uuid.UUID
	status string // as JSON
	agrees bool   // the page says the same
}

// buy joins the line, pays for what it gets, and asks for the order until that is final, on the page and as JSON.
func (r *rush) buy(client *http.Client, accepted func()) (o outcome, err error) {
	o.id = uuid.New()
	path := "/orders/" + o.id.String()
	location, err := r.post(client, r.balancer.URL+"/events/rush/orders", url.Values{
		"order_id": {o.id.String()}, "ticket_type": {strconv.FormatInt(r.event.Types[0].ID, 10)}, "quantity": {"1"},
	})
	if err != nil || location != path {
		return o, fmt.Errorf("joining led to %q: %w", location, err)
	}
	accepted()
	address := r.balancer.URL + path
	if o.status, err = r.follow(client, address, store.Queued); err != nil {
		return o, err
	}
	if o.status == string(store.Reserved) {
		payPage, err := r.post(client, address+"/pay", nil)
		if err != nil {
			return o, err
		}
		if _, err := r.post(client, payPage, url.Values{"outcome": {"approve"}}); err != nil {
			return o, err
		}
	}
	if o.status, err = r.follow(client, address, store.Reserved, store.Waiting); err != nil {
		return o, err
	}
	// The other process may hear of it some milliseconds later.
	ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Second)
	defer cancel()
	if late := world.Until(ctx, func() bool {
		var page []byte
		page, err = get(client, address, "text/html")
		o.agrees = strings.Contains(string(page), r.words(o.status))
		return o.agrees || err != nil
	}); late != nil {
		return o, late
	}
	return o, err
}

// words are what a page says of a final status; a status that nobody should come to says nothing that a page could.
func (r *rush) words(status string) string {
	ctx := views.WithLanguage(r.t.Context(), views.English)
	switch store.OrderStatus(status) {
	case store.Paid:
		return views.N(ctx, "order.paid", 1)
	case store.SoldOut:
		return views.T(ctx, "order.sold_out")
	}
	return "\x00"
}

// follow asks for an order until it has left some states, and returns the one that it came to.
func (r *rush) follow(client *http.Client, address string, from ...store.OrderStatus) (status string, err error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	late := world.Until(ctx, func() bool {
		var told struct {
			Status string `json:"status"`
		}
		var body []byte
		if body, err = get(client, address, "application/json"); err != nil {
			return true
		}
		if err = json.Unmarshal(body, &told); err != nil {
			err = fmt.Errorf("%w: %s", err, body)
			return true
		}
		status = told.Status
		return !slices.Contains(from, store.OrderStatus(status))
	})
	if err = errors.Join(err, late); err != nil {
		err = fmt.Errorf("still %s: %w", status, err)
	}
	return status, err
}

// post sends a form and returns where it leads.
func (r *rush) post(client *http.Client, address string, form url.Values) (location string, err error) {
	response, err := client.PostForm(address, form)
	if err != nil {
		return "", err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("%s answered %d", address, response.StatusCode)
	}
	return response.Header.Get("Location"), nil
}

func get(client *http.Client, address, accept string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Language", views.English)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %s", address, response.StatusCode, body)
	}
	return body, err
}

func TestRushOnTwoWebProcessesThatAreRestarted(t *testing.T) {
	if testing.Short() {
		t.Skip("a rush is slow")
	}
	t.Parallel()
	r := newRush(t)
	clients := r.fans(rushFans)
	var joined atomic.Int64
	milestones := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	accepted := func() {
		switch joined.Add(1) {
		case rushFans / 4:
			close(milestones[0])
		case rushFans * 5 / 8:
			close(milestones[1])
		}
	}
	outcomes := make([]outcome, len(clients))
	var buying sync.WaitGroup
	for i, client := range clients {
		buying.Go(func() {
			var err error
			if outcomes[i], err = r.buy(client, accepted); err != nil {
				t.Errorf("fan %d: %v", i, err)
			}
		})
	}
	for i, milestone := range milestones {
		select {
		case <-milestone:
		case <-time.After(time.Minute):
			t.Fatal("the line does not grow")
		}
		r.audited() // the books balance at any moment, not only when all is quiet
		r.webs[i].stop()
		r.webs[i] = r.startWeb(i)
	}
	buying.Wait()
	told := map[string]int{}
	for i, o := range outcomes {
		told[o.status]++
		if !o.agrees {
			t.Errorf("fan %d was told %q, and the page says otherwise", i, o.status)
		}
		if row, err := r.db.Order(t.Context(), o.id); err != nil || string(row.Status) != o.status {
			t.Errorf("fan %d was told %q, the row says %q (%v)", i, o.status, row.Status, err)
		}
	}
	if told[string(store.Paid)] != rushTickets || told[string(store.SoldOut)] != rushFans-rushTickets {
		t.Errorf("told: %v", told)
	}
	books, err := r.db.Books(t.Context(), r.event.ID)
	if err != nil || len(books) != 1 || !books[0].Balanced() || books[0].Sold != rushTickets || books[0].Free() != 0 {
		t.Errorf("books: %+v, %v", books, err)
	}
	r.audited()
	if n := r.balancer.serverErrors.Load(); n > 0 {
		t.Errorf("%d server errors", n)
	}
}
