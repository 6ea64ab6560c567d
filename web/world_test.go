package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/worker"
	base "guiche/journeys/world"
	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/provider"
	"guiche/store"
	"guiche/store/local"
)

// world is a running shop: the web role on a port of its own, a generator, a worker and the sandbox provider,
// on real Postgres and Redis. Events are a test's own.
type world struct {
	*base.World
	url         string // of the site
	providerURL string
	server      *Server
	registry    *prometheus.Registry // of the web role
	gateway     payment.Gateway
	letters     *worker.Letters // that the worker sends, if any
	admin       store.Account

	stopGenerator func() // stops the line: what joins stays queued until startGenerator
	stopWorker    func() // stops what asks the gateway, until startWorker
	stopWeb       func() // asks the web role to stop and waits for it
}

const (
	testSecret     = "a secret for tests, of many characters"
	providerSecret = "the provider's secret"
	testPassword   = "correct horse"
)

// testHash is the hash of testPassword, made once.
var testHash = sync.OnceValues(func() (string, error) { return base.HashPassword(testPassword) })

// newWorld opens a shop for one test. Nothing is limited unless change says so.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{World: base.Empty(t), registry: prometheus.NewRegistry()}
	w.UseRedis(local.NewRedis(t))
	w.startProvider()
	w.startGenerator()
	w.startWorker()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + listener.Addr().String()
	config := Config{
		Store: w.DB, Redis: w.Redis, RedisURL: w.RedisURL, Gateways: payment.NewGateways(w.gateway),
		BaseURL: w.url, SecretKey: []byte(testSecret), RateLimit: Limits{Off: true}, Log: quiet, Metrics: w.registry,
	}
	for _, c := range change {
		c(&config)
	}
	if w.server, err = New(config); err != nil {
		t.Fatal(err)
	}
	w.stopWeb = w.Role("web", func(ctx context.Context) error { return w.server.Serve(ctx, listener) })
	w.admin = w.account(store.Admin)
	w.Admin = w.admin.ID
	return w
}

var quiet = base.Quiet

// startGenerator returns when the generator serves the line.
func (w *world) startGenerator() { w.stopGenerator = w.Generator() }

// startWorker starts what asks the gateway.
func (w *world) startWorker() {
	w.stopWorker = w.Role("worker", func(ctx context.Context) error {
		return worker.Run(ctx, worker.Config{
			Store: w.DB, Redis: w.Redis, Gateways: payment.NewGateways(w.gateway), Letters: w.letters, Log: quiet, Metrics: prometheus.NewRegistry(),
		})
	})
}

func (w *world) startProvider() {
	w.T.Helper()
	server := httptest.NewUnstartedServer(nil)
	w.providerURL = "http://" + server.Listener.Addr().String()
	provider, err := provider.New(provider.Config{BaseURL: w.providerURL, Secret: providerSecret, Log: quiet})
	if err != nil {
		w.T.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	w.T.Cleanup(func() {
		server.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // notices that are still due have nobody to go to
		_ = provider.Shutdown(ctx)
	})
	w.gateway = sandbox.New(w.providerURL, providerSecret)
}

// metric adds up a metric of the web role over all its labels.
func (w *world) metric(name string) (sum float64) {
	w.T.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}

// account makes a person whose password is testPassword.
func (w *world) account(role store.Role) store.Account {
	w.T.Helper()
	hash, err := testHash()
	if err != nil {
		w.T.Fatal(err)
	}
	a, err := w.DB.CreateAccount(w.Ctx, store.Account{
		Role: role, Name: "Ana", Email: uuid.NewString() + "@guiche.test", PasswordHash: hash, Language: "pt-BR",
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

// createEvent opens a sale with ticket types; change may alter the event before it is written. Without a type of its own it
// gets one of 100 tickets for R$ 10 and a fee of R$ 1.
func (w *world) createEvent(change func(*store.Event), types ...store.TicketType) store.Event {
	w.T.Helper()
	e := w.createDraft(change, types...)
	if err := w.DB.PublishEvent(w.Ctx, w.Admin, e.ID); err != nil {
		w.T.Fatal(err)
	}
	w.server.shop.catalog.forget()
	e.Status = store.Published
	return e
}

// createDraft is createEvent without publishing.
func (w *world) createDraft(change func(*store.Event), types ...store.TicketType) store.Event {
	w.T.Helper()
	e := base.Show("show-" + uuid.NewString()[:8])
	e.Name, e.Venue, e.City, e.TimeZone = "Baile da Lua", "Clube", "Recife", "America/Recife"
	if change != nil {
		change(&e)
	}
	if len(types) == 0 {
		types = []store.TicketType{{Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: 100}}
	}
	e, err := w.DB.CreateEvent(w.Ctx, w.Admin, e)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, t := range types {
		t.EventID = e.ID
		_, ask, err := w.DB.CreateTicketType(w.Ctx, w.Admin, t)
		if err != nil {
			w.T.Fatal(err)
		}
		if err := w.Nudges.SetCapacity(w.Ctx, ask); err != nil {
			w.T.Fatal(err)
		}
	}
	w.Eventually("the capacities are set", func() bool {
		if e, err = w.DB.Event(w.Ctx, e.ID); err != nil {
			w.T.Fatal(err)
		}
		for i, t := range e.Types {
			if t.Capacity != types[i].Capacity {
				return false
			}
		}
		return true
	})
	return e
}

// visitor is a browser: it keeps cookies and does not follow redirects.
type visitor struct {
	w       *world
	account store.Account // zero before signing in
	client  *http.Client
}

// visitor opens a browser that nobody signed in with.
func (w *world) visitor() *visitor {
	w.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.T.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	w.T.Cleanup(transport.CloseIdleConnections)
	return &visitor{w: w, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: base.Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fan is a new person who signed in.
func (w *world) fan() *visitor {
	w.T.Helper()
	return w.signedIn(w.account(store.Fan))
}

// signedIn opens a browser and signs in with an account of this world.
func (w *world) signedIn(a store.Account) *visitor {
	w.T.Helper()
	v := w.visitor()
	v.account = a
	v.post("/login", url.Values{"email": {a.Email}, "password": {testPassword}}).want(http.StatusSeeOther)
	return v
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

// want fails the test if the answer has another status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d\n%.2000s", a.what, a.status, status, a.body)
	}
	return a
}

// leadsTo fails the test if the answer does not lead on to a path by 303.
func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	if got := a.want(http.StatusSeeOther).header.Get("Location"); got != path {
		a.t.Fatalf("%s: leads to %q, want %q", a.what, got, path)
	}
	return a
}

// says fails the test if the page does not hold a text.
func (a answer) says(text string) answer {
	a.t.Helper()
	if !strings.Contains(a.body, text) {
		a.t.Fatalf("%s: does not say %q\n%.4000s", a.what, text, a.body)
	}
	return a
}

// silent fails the test if the page holds a text.
func (a answer) silent(text string) answer {
	a.t.Helper()
	if strings.Contains(a.body, text) {
		a.t.Fatalf("%s: says %q\n%.4000s", a.what, text, a.body)
	}
	return a
}

// send makes a request; header lists names and values in turn.
func (v *visitor) send(method, path, body string, header ...string) answer {
	v.w.T.Helper()
	a, err := v.try(method, path, body, header...)
	if err != nil {
		v.w.T.Fatal(err)
	}
	return a
}

// try is send for goroutines, which must not end the test.
func (v *visitor) try(method, path, body string, header ...string) (answer, error) {
	r, err := http.NewRequest(method, v.w.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := v.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{
		t: v.w.T, what: method + " " + path, status: response.StatusCode, header: response.Header, body: string(text),
	}, err
}

func (v *visitor) get(path string, header ...string) answer {
	v.w.T.Helper()
	return v.send(http.MethodGet, path, "", header...)
}

func (v *visitor) post(path string, form url.Values, header ...string) answer {
	v.w.T.Helper()
	return v.send(http.MethodPost, path, form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// orderForm is the buy form, filled in for the event's n-th type.
func orderForm(id uuid.UUID, e store.Event, n, quantity int) url.Values {
	return url.Values{
		"order_id": {id.String()}, "ticket_type": {fmt.Sprint(e.Types[n].ID)}, "quantity": {fmt.Sprint(quantity)},
	}
}

// join buys tickets of the event's first type and returns the order.
func (v *visitor) join(e store.Event, quantity int) uuid.UUID {
	v.w.T.Helper()
	id := uuid.New()
	v.post("/events/"+e.Slug+"/orders", orderForm(id, e, 0, quantity)).leadsTo("/orders/" + id.String())
	return id
}

// order reads an order as programs do.
func (v *visitor) order(id uuid.UUID) (o orderJSON) {
	v.w.T.Helper()
	a := v.get("/orders/"+id.String(), "Accept", "application/json").want(http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &o); err != nil {
		v.w.T.Fatal(err)
	}
	return o
}

// await waits until an order is in a state.
func (v *visitor) await(id uuid.UUID, status store.OrderStatus) (o orderJSON) {
	v.w.T.Helper()
	v.w.Eventually(fmt.Sprintf("the order is %s", status), func() bool {
		o = v.order(id)
		return o.Status == status
	})
	return o
}

// dataNow is the server's clock in a page.
var dataNow = regexp.MustCompile(`data-now="\d+"`)
