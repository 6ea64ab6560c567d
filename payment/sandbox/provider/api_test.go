package provider

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/payment/contract"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

const testSecret = "a secret of both sides"

// startProvider serves a provider on a port of its own until the test, or the returned function, ends it.
func startProvider(t *testing.T, dir string, clock *contract.Clock) (baseURL string, stop func()) {
	t.Helper()
	return startProviderThatIs(t, cruelty.Cruelty{}, dir, clock)
}

func startProviderThatIs(t *testing.T, cruel cruelty.Cruelty, dir string, clock *contract.Clock) (baseURL string, stop func()) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	baseURL = "http://" + server.Listener.Addr().String()
	provider, err := New(Config{
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
		Gateway:   sandbox.New(server.URL, testSecret),
		NoticeURL: noticeURL,
		Pay:       func(t *testing.T, c payment.Charge) { press(t, c.PayURL, approve) },
		Decline:   func(t *testing.T, c payment.Charge) { press(t, c.PayURL, decline) },
		Advance:   clock.Advance,
		Now:       clock.Now,
		Notice:    notice,
		Lose:      road.Lose,

		Dispute:     func(t *testing.T, c payment.Charge) { press(t, c.PayURL, ledger.Dispute) },
		DisputeEnds: endDispute,
		PanelRefund: refundInPanel,
		RefundsFail: func(t *testing.T, c payment.Charge) { press(t, c.PayURL, ledger.RefundsFail) },
		Busy:        road.Busy,
	}
}

func endDispute(t *testing.T, c payment.Charge, won bool) {
	press(t, c.PayURL, map[bool]string{true: ledger.DisputeWon, false: ledger.DisputeLost}[won])
}

func refundInPanel(t *testing.T, c payment.Charge, cents int64) {
	postForm(t, c.PayURL, url.Values{"outcome": {ledger.PanelRefund}, "cents": {strconv.FormatInt(cents, 10)}}.Encode(), nil)
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
	if _, err := sandbox.New(baseURL, "wrong").Get(t.Context(), "ch_1"); err == nil || errors.Is(err, payment.ErrNotFound) {
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
		"too large":         {http.MethodPost, "/v1/charges", `{"reference":"` + strings.Repeat("x", sandbox.BodyLimit) + `"}`, http.StatusBadRequest},
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
