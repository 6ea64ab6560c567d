package payment

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// startStripe is a Stripe with a payer and a shop.
func startStripe(t *testing.T) contractWorld {
	t.Helper()
	clock := newTestClock()
	noticeURL, notices := startShop(t)
	provider := &stripeServer{t: t, clock: clock, noticeURL: noticeURL, page: 2, keys: map[string]stripeTestReply{}}
	road := &lossy{provider: provider}
	server := httptest.NewServer(road)
	t.Cleanup(server.Close)
	return contractWorld{
		gateway:   newTestStripe(server.URL, clock),
		noticeURL: noticeURL,
		spare:     stripeSpare,
		again:     true,
		pay:       provider.pay,
		decline:   provider.decline,
		notice:    waitForNotice(notices),
		advance:   clock.advance,
		now:       clock.now,
		review:    provider.review,
		lose:      road.lose,
		forget:    provider.forget,
		slow:      provider.slowRefunds,
		refunds:   provider.settle,
	}
}

func newTestStripe(baseURL string, clock *testClock) *Stripe {
	s := NewStripe(StripeConfig{SecretKey: stripeTestKey, WebhookSecret: stripeTestWebhook, BaseURL: baseURL})
	s.now = clock.now
	return s
}

func TestStripeKeepsTheContract(t *testing.T) { testGateway(t, startStripe) }

func TestStripeFindsAmongMany(t *testing.T) {
	w := startStripe(t)
	old := w.create(t)
	w.advance(2 * time.Hour)
	asked := w.now()
	w.advance(10 * time.Minute) // she pressed the button again
	c := w.create(t)
	for range 5 {
		w.create(t)
	}
	if got, err := w.gateway.Find(t.Context(), c.Reference, asked); err != nil || got != c {
		t.Errorf("%+v, %v; want %+v", got, err, c)
	}
	if got, err := w.gateway.Find(t.Context(), old.Reference, asked); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session of another time: %+v, %v", got, err)
	}
	w.gateway.(*Stripe).most = 3
	if got, err := w.gateway.Find(t.Context(), c.Reference, asked); !errors.Is(err, ErrNotFound) {
		t.Errorf("a session among too many: %+v, %v", got, err)
	}
}

func TestStripeTakesAnotherLanguageForTheSameCharge(t *testing.T) {
	w := startStripe(t)
	n := w.newCharge()
	c, err := w.gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	w.advance(time.Minute)
	n.Language = "en"
	if again, err := w.gateway.Create(t.Context(), n); err != nil || again != c {
		t.Errorf("%+v, %v; want %+v", again, err, c)
	}
}

func TestStripeLetsASessionLiveNoLongerThanItMay(t *testing.T) {
	w := startStripe(t)
	n := w.newCharge()
	n.ExpiresAt = w.now().Add(48 * time.Hour)
	c, err := w.gateway.Create(t.Context(), n)
	if err != nil || !c.ExpiresAt.Equal(w.now().Add(24*time.Hour)) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestStripeHasNoPix(t *testing.T) {
	w := startStripe(t)
	n := w.newCharge()
	n.Method = Pix
	if c, err := w.gateway.Create(t.Context(), n); !errors.Is(err, ErrRefused) {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestStripeErrors shows what an answer becomes, and that nothing of it is told: it may quote the payer or the key.
func TestStripeErrors(t *testing.T) {
	const secret = "ana@guiche.test"
	refusal := func(status int, kind, code string) string {
		return string(stripeRefusal(status, kind, code, secret).body)
	}
	for name, row := range map[string]struct {
		status int
		body   string
		want   error // nil: one that may be tried again
	}{
		"missing":             {404, refusal(404, "invalid_request_error", "resource_missing"), ErrNotFound},
		"invalid":             {400, refusal(400, "invalid_request_error", "parameter_invalid_empty"), ErrRefused},
		"declined":            {402, refusal(402, "card_error", "card_declined"), ErrRefused},
		"no such address":     {404, refusal(404, "invalid_request_error", ""), ErrRefused},
		"another's key":       {401, refusal(401, "invalid_request_error", ""), nil},
		"not allowed":         {403, refusal(403, "invalid_request_error", ""), nil},
		"at the same time":    {409, refusal(409, "idempotency_error", "idempotency_key_in_use"), nil},
		"too many":            {429, refusal(429, "rate_limit", "rate_limit"), nil},
		"no money":            {400, refusal(400, "invalid_request_error", "balance_insufficient"), nil},
		"down":                {500, refusal(500, "api_error", ""), nil},
		"a page":              {200, "<!doctype html>" + secret, nil},
		"a page of an error":  {502, "<!doctype html>" + secret, nil},
		"a proxy's not found": {404, "not found " + secret, nil},
		"an empty error":      {400, `{"message":"` + secret + `"}`, nil},
		"nothing":             {200, "", nil},
		"an empty object":     {200, "{}", nil},
		"an unknown state":    {200, `{"id":"cs_1","status":"` + secret + `"}`, nil},
		"paid by nothing":     {200, `{"id":"cs_1","status":"complete","payment_status":"paid"}`, nil},
		"a redirect":          {307, "", nil},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Errorf("%s: the secret was carried elsewhere", name)
			}
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(row.status)
			_, _ = io.WriteString(w, row.body)
		}))
		c, err := newTestStripe(server.URL, newTestClock()).Get(t.Context(), "cs_1")
		server.Close()
		if err == nil || c != (Charge{}) || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: %+v, %v; want %v", name, c, err, row.want)
			continue
		}
		if row.want == nil && (errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound)) {
			t.Errorf("%s: %v, though it may be tried again", name, err)
		}
		if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), stripeTestKey) {
			t.Errorf("%s: told %q", name, err)
		}
	}
}

// stripeAnswers is a Stripe that shows a body to whoever reads, and refuses every change because another call makes it.
func stripeAnswers(t *testing.T, body string) *Stripe {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			refusal := stripeRefusal(http.StatusConflict, "idempotency_error", "idempotency_key_in_use", "")
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(refusal.status)
			_, _ = w.Write(refusal.body)
			return
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return newTestStripe(server.URL, newTestClock())
}

func TestStripeTellsWhatWasPaid(t *testing.T) {
	s := stripeAnswers(t, `{"id":"cs_1","status":"complete","payment_status":"paid","amount_total":12345,"currency":"brl",
		"payment_intent":{"id":"pi_1","amount_received":12300,"latest_charge":{"id":"ch_1","amount_refunded":45}}}`)
	c, err := s.Get(t.Context(), "cs_1")
	if err != nil || c.Status != Paid || c.AmountCents != 12_300 || c.RefundedCents != 45 || c.Currency != "BRL" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestACreateBesideAnotherMayBeTriedAgain(t *testing.T) {
	s := stripeAnswers(t, `{"object":"list","data":[]}`)
	n := contractWorld{now: s.now, noticeURL: "http://shop.test"}.newCharge()
	if c, err := s.Create(t.Context(), n); err == nil || errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAStripeCallEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s := newTestStripe("http://"+listener.Addr().String(), newTestClock())
	if _, err := s.Get(ctx, "cs_1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Find(ctx, "r", time.Now()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Find: %v", err)
	}
}

func TestStripeNotices(t *testing.T) {
	clock := newTestClock()
	s := newTestStripe("http://stripe.test", clock)
	now := clock.now().Unix()
	of := func(object map[string]any) []byte { return stripeEvent("evt_1", "some.event", object) }
	session := of(map[string]any{"object": "checkout.session", "id": "cs_1", "client_reference_id": "r"})
	metadata := map[string]any{stripeReference: "r"}
	for name, row := range map[string]struct {
		signature string
		body      []byte
		want      Notice
		err       error
	}{
		"a session":           {stripeSign(stripeTestWebhook, now, session), session, Notice{ID: "evt_1", Reference: "r", ChargeID: "cs_1"}, nil},
		"five minutes old":    {stripeSign(stripeTestWebhook, now-300, session), session, Notice{ID: "evt_1", Reference: "r", ChargeID: "cs_1"}, nil},
		"older":               {stripeSign(stripeTestWebhook, now-301, session), session, Notice{}, ErrSignature},
		"of the future":       {stripeSign(stripeTestWebhook, now+301, session), session, Notice{}, ErrSignature},
		"long ago":            {stripeSign(stripeTestWebhook, -1<<62, session), session, Notice{}, ErrSignature},
		"far ahead":           {stripeSign(stripeTestWebhook, 1<<62, session), session, Notice{}, ErrSignature},
		"another secret":      {stripeSign("whsec_other", now, session), session, Notice{}, ErrSignature},
		"another body":        {stripeSign(stripeTestWebhook, now, session), append(session, ' '), Notice{}, ErrSignature},
		"two moments":         {stripeSign(stripeTestWebhook, now-301, session) + "," + stripeSign(stripeTestWebhook, now, session), session, Notice{}, ErrSignature},
		"the older moment":    {stripeSign(stripeTestWebhook, now, session) + "," + stripeSign(stripeTestWebhook, now-301, session), session, Notice{}, ErrSignature},
		"unsigned":            {"", session, Notice{}, ErrSignature},
		"an intent":           {"", of(map[string]any{"object": "payment_intent", "id": "pi_1", "metadata": metadata}), Notice{ID: "evt_1", Reference: "r"}, nil},
		"a refund":            {"", of(map[string]any{"object": "refund", "id": "re_1", "metadata": metadata}), Notice{ID: "evt_1", Reference: "r"}, nil},
		"another's session":   {"", of(map[string]any{"object": "checkout.session", "id": "cs_2"}), Notice{ID: "evt_1", ChargeID: "cs_2"}, nil},
		"something else":      {"", of(map[string]any{"object": "payout", "id": "po_1"}), Notice{}, ErrOtherNotice},
		"a session's odd id":  {"", of(map[string]any{"object": "checkout.session", "id": "../cs_2"}), Notice{}, ErrOtherNotice},
		"not JSON":            {"", []byte("paid"), Notice{}, ErrNotice},
		"empty":               {"", nil, Notice{}, ErrNotice},
		"no event":            {"", []byte("{}"), Notice{}, ErrNotice},
		"no id":               {"", stripeEvent("", "some.event", map[string]any{"object": "payout"}), Notice{}, ErrNotice},
		"no object":           {"", stripeEvent("evt_1", "some.event", nil), Notice{}, ErrOtherNotice},
		"no data":             {"", []byte(`{"object":"event","id":"evt_1"}`), Notice{}, ErrNotice},
		"metadata that is no": {"", of(map[string]any{"object": "refund", "metadata": 1}), Notice{}, ErrNotice},
	} {
		if row.signature == "" && name != "unsigned" {
			row.signature = stripeSign(stripeTestWebhook, now, row.body)
		}
		n, err := s.ParseNotice(Delivery{Header: http.Header{"Stripe-Signature": {row.signature}}, Body: row.body})
		if n != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, n, err, row.want, row.err)
		}
	}
	// Without a secret nobody can have signed anything.
	bare := NewStripe(StripeConfig{})
	bare.now = clock.now
	if _, err := bare.ParseNotice(Delivery{Header: http.Header{"Stripe-Signature": {stripeSign("", now, session)}}, Body: session}); !errors.Is(err, ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseStripeNotice(f *testing.F) {
	clock := newTestClock()
	s := newTestStripe("http://stripe.test", clock)
	good := stripeEvent("evt_1", "checkout.session.completed", map[string]any{"object": "checkout.session", "id": "cs_1", "client_reference_id": "r"})
	f.Add(stripeSign(stripeTestWebhook, clock.now().Unix(), good), good)
	f.Add("t=1,v1=", []byte("{}"))
	f.Add("t=99999999999999999999,v1=00", []byte("null"))
	f.Add("t=1,t=2,v1=00,v0=0", []byte(`{"object":"event","id":"\xff","data":{"object":{"metadata":{"guiche_charge":null}}}}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		for _, signature := range []string{signature, stripeSign(stripeTestWebhook, clock.now().Unix(), body)} {
			fuzzedNotice(t, s, Delivery{Header: http.Header{"Stripe-Signature": {signature}}, Body: body})
		}
		// Rightly signed, the same body is never called a forgery.
		signed := Delivery{Header: http.Header{"Stripe-Signature": {stripeSign(stripeTestWebhook, clock.now().Unix(), body)}}, Body: body}
		if _, err := s.ParseNotice(signed); errors.Is(err, ErrSignature) {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}

// fuzzedNotice holds what is true of every parser and every delivery.
func fuzzedNotice(t *testing.T, g Gateway, d Delivery) {
	t.Helper()
	n, err := g.ParseNotice(d)
	switch {
	case errors.Is(err, ErrSignature) || errors.Is(err, ErrNotice) || errors.Is(err, ErrOtherNotice):
		if n != (Notice{}) {
			t.Errorf("%v, yet %+v", err, n)
		}
	case err != nil:
		t.Errorf("an error without a name: %v", err)
	case n.ID == "" || n.Reference == "" && n.ChargeID == "":
		t.Errorf("accepted %+v", n)
	}
}

func TestStripeIsToldNothingOfThePayer(t *testing.T) {
	var asked strings.Builder
	clock := newTestClock()
	provider := &stripeServer{t: t, clock: clock, keys: map[string]stripeTestReply{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		said, err := json.Marshal(r.Form)
		if err != nil {
			t.Error(err)
		}
		asked.Write(said)
		provider.ServeHTTP(w, r)
	}))
	defer server.Close()
	w := contractWorld{gateway: newTestStripe(server.URL, clock), now: clock.now, noticeURL: "http://shop.test"}
	n := w.newCharge()
	n.Reference = uuid.NewString()
	if _, err := w.gateway.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{n.Payer.Name, n.Payer.Email, n.Payer.CPF} {
		if strings.Contains(asked.String(), personal) {
			t.Errorf("told %q", personal)
		}
	}
}
