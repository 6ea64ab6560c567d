package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/payment/contract"
)

const testSecret = "a secret of both sides"

// startProvider serves a provider on a port of its own until the test, or the returned function, ends it.
func startProvider(t *testing.T, dir string, clock *contract.Clock) (baseURL string, stop func()) {
	t.Helper()
	return startProviderThatIs(t, Cruelty{}, dir, clock)
}

func startProviderThatIs(t *testing.T, cruel Cruelty, dir string, clock *contract.Clock) (baseURL string, stop func()) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	baseURL = "http://" + server.Listener.Addr().String()
	provider, err := NewProvider(ProviderConfig{
		BaseURL: baseURL, Secret: testSecret, Dir: dir, Now: clock.Now, Log: slog.New(slog.DiscardHandler), Cruelty: cruel,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = provider
	server.Start()
	stop = sync.OnceFunc(func() {
		server.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // what is not delivered now is not waited for
		if err := provider.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return baseURL, stop
}

func newTestGateway(baseURL string, clock *contract.Clock) *Gateway {
	s := New(baseURL, testSecret)
	s.now = clock.Now
	return s
}

// press does what a browser does when the payer presses a button of the hosted page, and does not follow.
func press(t *testing.T, payURL, outcome string) *http.Response {
	t.Helper()
	return postForm(t, payURL, url.Values{"outcome": {outcome}}.Encode(), nil)
}

func postForm(t *testing.T, address, form string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return contract.Send(t, req)
}

// startWorld is the sandbox on both sides, with a payer and a shop.
func startWorld(t *testing.T) contract.World {
	t.Helper()
	clock := contract.NewClock()
	baseURL, _ := startProvider(t, "", clock)
	noticeURL, notice := contract.StartShop(t)
	provider, err := url.Parse(baseURL)
	if err != nil {
		t.Fatal(err)
	}
	road := &contract.Lossy{Provider: httputil.NewSingleHostReverseProxy(provider), TooMany: `{"error":"too_many_requests"}`}
	server := httptest.NewServer(road)
	t.Cleanup(server.Close)
	return contract.World{
		Gateway:   newTestGateway(server.URL, clock),
		NoticeURL: noticeURL,
		Pay:       func(t *testing.T, c payment.Charge) { press(t, c.PayURL, approve) },
		Decline:   func(t *testing.T, c payment.Charge) { press(t, c.PayURL, decline) },
		Advance:   clock.Advance,
		Now:       clock.Now,
		Notice:    notice,
		Lose:      road.Lose,

		Dispute:     func(t *testing.T, c payment.Charge) { press(t, c.PayURL, dispute) },
		DisputeEnds: endDispute,
		PanelRefund: refundInPanel,
		RefundsFail: func(t *testing.T, c payment.Charge) { press(t, c.PayURL, refundsFail) },
		Busy:        road.Busy,
	}
}

func endDispute(t *testing.T, c payment.Charge, won bool) {
	press(t, c.PayURL, map[bool]string{true: disputeWon, false: disputeLost}[won])
}

func refundInPanel(t *testing.T, c payment.Charge, cents int64) {
	postForm(t, c.PayURL, url.Values{"outcome": {panelRefund}, "cents": {strconv.FormatInt(cents, 10)}}.Encode(), nil)
}

func TestSandboxKeepsTheContract(t *testing.T) { contract.Run(t, startWorld) }

func TestTheSandboxSendsNoMoreBackThanItTook(t *testing.T) {
	w := startWorld(t)
	c := w.Paid(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { // two of these fit, whichever they are
			_, _ = w.Gateway.Refund(t.Context(), payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000})
		})
	}
	all.Wait()
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 10_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}
}

func TestOnlyMerchantsUseTheAPI(t *testing.T) {
	baseURL, _ := startProvider(t, "", contract.NewClock())
	for _, key := range []string{"", "Bearer", "Bearer ", "Bearer wrong", testSecret, "bearer " + testSecret} {
		for _, path := range []string{"/v1/charges", "/v1/charges/ch_1", "/v1/charges/ch_1/cancel", "/v1/charges/ch_1/refunds", "/v1/nothing"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, baseURL+path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", key)
			if resp := contract.Send(t, req); resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%q %s: %d", key, path, resp.StatusCode)
			}
		}
	}
	if _, err := New(baseURL, "wrong").Get(t.Context(), "ch_1"); err == nil || errors.Is(err, payment.ErrNotFound) {
		t.Errorf("a stranger was told: %v", err)
	}
}

func TestTheAPIRefusesWhatItCannotRead(t *testing.T) {
	baseURL, _ := startProvider(t, "", contract.NewClock())
	for name, row := range map[string]struct {
		method, path, body string
		want               int
	}{
		"no JSON":           {http.MethodPost, "/v1/charges", "outcome=approve", http.StatusBadRequest},
		"nothing":           {http.MethodPost, "/v1/charges", "", http.StatusBadRequest},
		"a list":            {http.MethodPost, "/v1/charges", "[]", http.StatusBadRequest},
		"text for a number": {http.MethodPost, "/v1/charges", `{"amount_cents":"1"}`, http.StatusBadRequest},
		"too large":         {http.MethodPost, "/v1/charges", `{"reference":"` + strings.Repeat("x", wireLimit) + `"}`, http.StatusBadRequest},
		"empty":             {http.MethodPost, "/v1/charges", "{}", http.StatusUnprocessableEntity},
		"refund no JSON":    {http.MethodPost, "/v1/charges/x/refunds", "x", http.StatusBadRequest},
		"refund no key":     {http.MethodPost, "/v1/charges/x/refunds", `{"amount_cents":1}`, http.StatusUnprocessableEntity},
		"wrong method":      {http.MethodDelete, "/v1/charges", "", http.StatusMethodNotAllowed},
		"no such place":     {http.MethodGet, "/v1/chargers", "", http.StatusNotFound},
	} {
		req, err := http.NewRequestWithContext(t.Context(), row.method, baseURL+row.path, strings.NewReader(row.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+testSecret)
		if resp := contract.Send(t, req); resp.StatusCode != row.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, row.want)
		}
	}
}

func TestAChargeNeedsAddressesThatMeanOnePlace(t *testing.T) {
	w := startWorld(t)
	for _, address := range []string{
		"", "/orders/1", "javascript:alert(1)", "ftp://shop.test/", "http://", "//shop.test/",
		"http://shop.test;script-src/", "http://a b/", "http://user:word@shop.test/", "http://*/", "http://shop.test,x/",
	} {
		n := w.NewCharge()
		n.ReturnURL = address
		if c, err := w.Gateway.Create(t.Context(), n); err == nil {
			t.Errorf("return to %q: %+v", address, c)
		}
		n = w.NewCharge()
		n.NoticeURL = address
		if c, err := w.Gateway.Create(t.Context(), n); err == nil {
			t.Errorf("notice to %q: %+v", address, c)
		}
	}
	for _, address := range []string{"https://shop.test/x?y=z", "http://127.0.0.1:8080/", "http://[::1]:8080/orders/1"} {
		n := w.NewCharge()
		n.ReturnURL = address
		if _, err := w.Gateway.Create(t.Context(), n); err != nil {
			t.Errorf("return to %q: %v", address, err)
		}
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := New("http://"+listener.Addr().String(), testSecret).Get(ctx, "ch_1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
}

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"a page":              func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html>") },
		"nothing":             func(http.ResponseWriter, *http.Request) {},
		"a proxy's not found": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not found", http.StatusNotFound) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				answer(w, http.StatusOK, wireCharge{ID: "ch_1", Status: payment.Paid})
				return
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"a failure": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", http.StatusBadGateway) },
	}
	for name, handler := range answers {
		server := httptest.NewServer(handler)
		c, err := New(server.URL+"/", testSecret).Get(t.Context(), "ch_1")
		server.Close()
		// Only the provider itself may say that it knows no such charge: a hold must not be undone on a proxy's word.
		if err == nil || errors.Is(err, payment.ErrNotFound) || c != (payment.Charge{}) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestParseNoticeTellsMalformedFromForged(t *testing.T) {
	clock := contract.NewClock()
	s := newTestGateway("http://provider.test", clock)
	signed := func(secret string, at time.Time, body string) http.Header {
		return http.Header{signatureHeader: {sign(secret, at, []byte(body))}}
	}
	good, err := json.Marshal(wireNotice{ID: "no_1", Reference: "r", Type: chargePaid, Created: clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	now := clock.Now()
	for name, row := range map[string]struct {
		header http.Header
		body   string
		want   error
	}{
		"good":           {signed(testSecret, now, string(good)), string(good), nil},
		"days old":       {signed(testSecret, now.Add(-72*time.Hour), string(good)), string(good), nil},
		"another secret": {signed("wrong", now, string(good)), string(good), payment.ErrSignature},
		"another body":   {signed(testSecret, now, string(good)), string(good) + " ", payment.ErrSignature},
		"unsigned":       {nil, string(good), payment.ErrSignature},
		"not JSON":       {signed(testSecret, now, "paid"), "paid", payment.ErrNotice},
		"empty":          {signed(testSecret, now, ""), "", payment.ErrNotice},
		"two":            {signed(testSecret, now, string(good)+string(good)), string(good) + string(good), payment.ErrNotice},
		"no id":          {signed(testSecret, now, `{"reference":"r","type":"charge.paid"}`), `{"reference":"r","type":"charge.paid"}`, payment.ErrNotice},
		"no reference":   {signed(testSecret, now, `{"id":"i","type":"charge.paid"}`), `{"id":"i","type":"charge.paid"}`, payment.ErrNotice},
		"no type":        {signed(testSecret, now, `{"id":"i","reference":"r"}`), `{"id":"i","reference":"r"}`, payment.ErrNotice},
	} {
		if n, err := s.ParseNotice(payment.Delivery{Header: row.header, Body: []byte(row.body)}); !errors.Is(err, row.want) || (err == nil) != (n != payment.Notice{}) {
			t.Errorf("%s: %+v, %v; want %v", name, n, err, row.want)
		}
	}
	// Without a secret nobody can have signed anything.
	bare := New("http://provider.test", "")
	bare.now = clock.Now
	if _, err := bare.ParseNotice(payment.Delivery{Header: signed("", now, string(good)), Body: good}); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseNotice(f *testing.F) {
	clock := contract.NewClock()
	s := newTestGateway("http://provider.test", clock)
	good := []byte(`{"id":"no_1","reference":"r","type":"charge.paid","created":"2026-12-01T20:00:00Z"}`)
	f.Add(sign(testSecret, clock.Now(), good), good)
	f.Add("t=1,v1=", []byte("{}"))
	f.Add("t=99999999999999999999,v1=00", []byte("null"))
	f.Add("t=-1", []byte(`{"id":"\xff"}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		n, err := s.ParseNotice(payment.Delivery{Header: http.Header{signatureHeader: {signature}}, Body: body})
		switch {
		case errors.Is(err, payment.ErrSignature) || errors.Is(err, payment.ErrNotice):
			if n != (payment.Notice{}) {
				t.Errorf("%v, yet %+v", err, n)
			}
		case err != nil:
			t.Errorf("an error without a name: %v", err)
		case n.ID == "" || n.Reference == "":
			t.Errorf("accepted %+v", n)
		}
		// Rightly signed, the same body is never called a forgery.
		if _, err := s.ParseNotice(payment.Delivery{Header: http.Header{signatureHeader: {sign(testSecret, clock.Now(), body)}}, Body: body}); errors.Is(err, payment.ErrSignature) {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}
