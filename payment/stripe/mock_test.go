package stripe

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/stripe/stripe-go/v86"

	"guiche/payment"
	"guiche/payment/contract"
)

// stripeMock is Stripe's own mock: it refuses every request that does not fit Stripe's OpenAPI, and answers fixtures.
type stripeMock struct {
	mu    sync.Mutex
	asked []string // method, path and form
}

// startMock runs the mock on loopback and the gateway before it.
func startMock(t *testing.T) (*Gateway, *stripeMock, *contract.Clock) {
	t.Helper()
	path, err := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../tools/go.mod", "-n", "stripe-mock").Output()
	if err != nil {
		t.Fatalf("build stripe-mock: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, strings.TrimSpace(string(path)), "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})
	address := ""
	for lines := bufio.NewScanner(said); address == "" && lines.Scan(); {
		_, address, _ = strings.Cut(lines.Text(), "for HTTP at address: ")
	}
	if address == "" {
		t.Fatal("stripe-mock does not listen")
	}
	mock := &stripeMock{}
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mock.note(t, r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	clock := contract.NewClock()
	return newTestGateway(server.URL, clock), mock, clock
}

// note writes a request down and leaves its body to be read again.
func (m *stripeMock) note(t *testing.T, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Error(err)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		t.Error(err)
	}
	for name, values := range query {
		form[name] = append(form[name], values...)
	}
	readable, err := url.QueryUnescape(form.Encode())
	if err != nil {
		t.Error(err)
	}
	key := r.Header.Get("Idempotency-Key")
	if !strings.HasPrefix(key, "key ") {
		key = "" // the library's own
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, strings.TrimRight(fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, readable, key), " "))
}

// was compares what was asked with what should have been, and forgets it.
func (m *stripeMock) was(t *testing.T, want ...string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if got := strings.Join(m.asked, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("asked:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	m.asked = nil
}

func TestStripeAcceptsTheShapeOfEveryRequest(t *testing.T) {
	s, mock, clock := startMock(t)
	now := clock.Now().Unix()
	const session = "/v1/checkout/sessions"

	c, err := s.Create(t.Context(), payment.NewCharge{
		Reference: "key 1", AmountCents: 12_345, Currency: "BRL", Description: "Show × 2", ExpiresAt: clock.Now(),
		ReturnURL: "https://shop.test/orders/1", NoticeURL: "https://shop.test/webhooks/stripe", Language: "pt-BR",
	})
	mock.was(t, fmt.Sprintf("GET %s created[gte]=%d&created[lte]=%d&limit=100", session, now-86_400-300, now+300))
	if !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a charge that nobody may pay any more: %+v, %v", c, err)
	}
	c, err = s.Create(t.Context(), payment.NewCharge{
		Reference: "key 1", AmountCents: 12_345, Currency: "BRL", Description: "Show × 2", ExpiresAt: clock.Now().Add(10 * time.Minute),
		ReturnURL: "https://shop.test/orders/1", NoticeURL: "https://shop.test/webhooks/stripe", Language: "pt-BR",
	})
	if err != nil || c.ID == "" || c.Status != payment.Open {
		t.Errorf("Create: %+v, %v", c, err)
	}
	mock.was(t, fmt.Sprintf("POST %s cancel_url=https://shop.test/orders/1&client_reference_id=key 1&expires_at=%d"+
		"&line_items[0][price_data][currency]=brl&line_items[0][price_data][product_data][name]=Show × 2"+
		"&line_items[0][price_data][unit_amount]=12345&line_items[0][quantity]=1&locale=pt-BR&metadata[guiche_charge]=key 1"+
		"&mode=payment&payment_intent_data[metadata][guiche_charge]=key 1&payment_method_types[0]=card"+
		"&success_url=https://shop.test/orders/1 key 1", session, now+41*60))

	if c, err := s.Get(t.Context(), "cs_1"); err != nil || c.ID != "cs_1" {
		t.Errorf("Get: %+v, %v", c, err)
	}
	mock.was(t, "GET "+session+"/cs_1 expand[0]=payment_intent.latest_charge")

	if _, err := s.Cancel(t.Context(), "cs_1"); err != nil {
		t.Errorf("Cancel: %v", err)
	}
	mock.was(t, "POST "+session+"/cs_1/expire", "GET "+session+"/cs_1 expand[0]=payment_intent.latest_charge")

	// The mock's session was never paid, so the two halves of a refund are tried by themselves.
	if _, err := s.Refund(t.Context(), payment.NewRefund{Key: "key 2", ChargeID: "cs_1", AmountCents: 100}); err == nil {
		t.Error("what was not paid was refunded")
	}
	mock.was(t, "GET "+session+"/cs_1 expand[0]=payment_intent.latest_charge")
	if _, err := s.refunded(t.Context(), "pi_1", "key 2"); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("refunded: %v", err)
	}
	mock.was(t, "GET /v1/refunds limit=100&payment_intent=pi_1")
	ask := payment.NewRefund{Key: "key 2", ChargeID: "cs_1", AmountCents: 100}
	done, err := s.refund(t.Context(), &sdk.CheckoutSession{ClientReferenceID: "key 1", PaymentIntent: &sdk.PaymentIntent{ID: "pi_1"}}, ask)
	if err != nil {
		t.Fatalf("refund: %v", err)
	}
	if r, err := readRefund(done, ask); err != nil || r.Status != payment.RefundDone {
		t.Errorf("refund: %+v, %v", r, err)
	}
	mock.was(t, "POST /v1/refunds amount=100&metadata[guiche_charge]=key 1&metadata[guiche_refund]=key 2&payment_intent=pi_1"+
		"&reason=requested_by_customer key 2")
}
