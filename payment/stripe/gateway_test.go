package stripe

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

	"guiche/payment"
	"guiche/payment/contract"
)

// start is a Stripe with a payer and a shop.
func start(t *testing.T) contract.World {
	t.Helper()
	_, w := startBoth(t)
	return w
}

func startBoth(t *testing.T) (*fakeStripe, contract.World) {
	t.Helper()
	clock := contract.NewClock()
	noticeURL, notice := contract.StartShop(t)
	provider := &fakeStripe{t: t, clock: clock, noticeURL: noticeURL, page: 2, keys: map[string]fakeReply{}}
	road := &contract.Lossy{Provider: provider, TooMany: string(refuse(http.StatusTooManyRequests, "invalid_request_error", "rate_limit", "").body)}
	server := httptest.NewServer(road)
	t.Cleanup(server.Close)
	return provider, contract.World{
		Gateway:   newTestGateway(server.URL, clock),
		NoticeURL: noticeURL,
		Spare:     spare,
		Again:     true,
		Pay:       provider.pay,
		Decline:   provider.decline,
		Notice:    notice,
		Advance:   clock.Advance,
		Now:       clock.Now,
		Review:    provider.review,
		Lose:      road.Lose,
		Forget:    provider.forget,
		Slow:      provider.slowRefunds,
		Refunds:   provider.settle,

		Dispute: provider.disputes, DisputeEnds: provider.disputeEnds, PanelRefund: provider.panelRefund,
		RefundsFail: provider.refundsFail, Busy: road.Busy,
	}
}

func newTestGateway(baseURL string, clock *contract.Clock) *Gateway {
	s := New(Config{SecretKey: testKey, WebhookSecret: testWebhook, BaseURL: baseURL})
	s.now = clock.Now
	return s
}

func TestStripeKeepsTheContract(t *testing.T) { contract.Run(t, start) }

func TestStripeFindsAmongMany(t *testing.T) {
	w := start(t)
	old := w.Create(t)
	w.Advance(2 * time.Hour)
	asked := w.Now()
	w.Advance(10 * time.Minute) // she pressed the button again
	c := w.Create(t)
	for range 5 {
		w.Create(t)
	}
	if got, err := w.Gateway.Find(t.Context(), c.Reference, asked); err != nil || got != c {
		t.Errorf("%+v, %v; want %+v", got, err, c)
	}
	if got, err := w.Gateway.Find(t.Context(), old.Reference, asked); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("a session of another time: %+v, %v", got, err)
	}
	w.Gateway.(*Gateway).most = 3
	if got, err := w.Gateway.Find(t.Context(), c.Reference, asked); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("a session among too many: %+v, %v", got, err)
	}
}

func TestStripeTakesAnotherLanguageForTheSameCharge(t *testing.T) {
	w := start(t)
	n := w.NewCharge()
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Minute)
	n.Language = "en"
	if again, err := w.Gateway.Create(t.Context(), n); err != nil || again != c {
		t.Errorf("%+v, %v; want %+v", again, err, c)
	}
}

func TestStripeLetsASessionLiveNoLongerThanItMay(t *testing.T) {
	w := start(t)
	n := w.NewCharge()
	n.ExpiresAt = w.Now().Add(48 * time.Hour)
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil || !c.ExpiresAt.Equal(w.Now().Add(24*time.Hour)) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestThePageSpeaksTheLanguageOfTheShop(t *testing.T) {
	for language, want := range map[string]string{"pt-BR": "pt-BR", "pt": "pt-BR", "en": "en", "en-GB": "en", "es-AR": "es", "tlh": "auto", "": "auto"} {
		if got := locale(language); got != want {
			t.Errorf("%q: %s, want %s", language, got, want)
		}
	}
}

func TestStripeHasNoPix(t *testing.T) {
	w := start(t)
	n := w.NewCharge()
	n.Method = payment.Pix
	if c, err := w.Gateway.Create(t.Context(), n); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestStripeErrors shows what an answer becomes, and that nothing of it is told: it may quote the payer or the key.
func TestStripeErrors(t *testing.T) {
	const secret = "ana@guiche.test"
	refusal := func(status int, kind, code string) string {
		return string(refuse(status, kind, code, secret).body)
	}
	for name, row := range map[string]struct {
		status int
		body   string
		want   error // nil: one that may be tried again
	}{
		"missing":             {404, refusal(404, "invalid_request_error", "resource_missing"), payment.ErrNotFound},
		"invalid":             {400, refusal(400, "invalid_request_error", "parameter_invalid_empty"), payment.ErrRefused},
		"declined":            {402, refusal(402, "card_error", "card_declined"), payment.ErrRefused},
		"no such address":     {404, refusal(404, "invalid_request_error", ""), payment.ErrRefused},
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
		c, err := newTestGateway(server.URL, contract.NewClock()).Get(t.Context(), "cs_1")
		server.Close()
		if err == nil || c != (payment.Charge{}) || row.want != nil && !errors.Is(err, row.want) {
			t.Errorf("%s: %+v, %v; want %v", name, c, err, row.want)
			continue
		}
		if row.want == nil && (errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrNotFound)) {
			t.Errorf("%s: %v, though it may be tried again", name, err)
		}
		if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: told %q", name, err)
		}
	}
}

// answers is a Stripe that shows a body to whoever reads, and refuses every change because another call makes it.
func answers(t *testing.T, body string) *Gateway {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			refusal := refuse(http.StatusConflict, "idempotency_error", "idempotency_key_in_use", "")
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(refusal.status)
			_, _ = w.Write(refusal.body)
			return
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return newTestGateway(server.URL, contract.NewClock())
}

func TestStripeTellsWhatWasPaid(t *testing.T) {
	s := answers(t, `{"id":"cs_1","status":"complete","payment_status":"paid","amount_total":12345,"currency":"brl",
		"payment_intent":{"id":"pi_1","amount_received":12300,"latest_charge":{"id":"ch_1","amount_refunded":45}}}`)
	c, err := s.Get(t.Context(), "cs_1")
	if err != nil || c.Status != payment.Paid || c.AmountCents != 12_300 || c.RefundedCents != 45 || c.Currency != "BRL" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestACreateBesideAnotherMayBeTriedAgain(t *testing.T) {
	s := answers(t, `{"object":"list","data":[]}`)
	n := contract.World{Now: s.now, NoticeURL: "http://shop.test"}.NewCharge()
	if c, err := s.Create(t.Context(), n); err == nil || errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrNotFound) {
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
	s := newTestGateway("http://"+listener.Addr().String(), contract.NewClock())
	if _, err := s.Get(ctx, "cs_1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Find(ctx, "r", time.Now()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Find: %v", err)
	}
}

func TestStripeNotices(t *testing.T) {
	clock := contract.NewClock()
	s := newTestGateway("http://stripe.test", clock)
	now := clock.Now().Unix()
	of := func(object map[string]any) []byte { return eventOf("evt_1", "some.event", object) }
	session := of(map[string]any{"object": "checkout.session", "id": "cs_1", "client_reference_id": "r"})
	metadata := map[string]any{referenceKey: "r"}
	for name, row := range map[string]struct {
		signature string
		body      []byte
		want      payment.Notice
		err       error
	}{
		"a session":           {signatureOf(testWebhook, now, session), session, payment.Notice{ID: "evt_1", Reference: "r", ChargeID: "cs_1"}, nil},
		"days old":            {signatureOf(testWebhook, now-300_000, session), session, payment.Notice{ID: "evt_1", Reference: "r", ChargeID: "cs_1"}, nil},
		"another secret":      {signatureOf("whsec_other", now, session), session, payment.Notice{}, payment.ErrSignature},
		"another body":        {signatureOf(testWebhook, now, session), append(session, ' '), payment.Notice{}, payment.ErrSignature},
		"unsigned":            {"", session, payment.Notice{}, payment.ErrSignature},
		"an intent":           {"", of(map[string]any{"object": "payment_intent", "id": "pi_1", "metadata": metadata}), payment.Notice{ID: "evt_1", Reference: "r"}, nil},
		"a refund":            {"", of(map[string]any{"object": "refund", "id": "re_1", "metadata": metadata}), payment.Notice{ID: "evt_1", Reference: "r"}, nil},
		"a dispute":           {"", of(map[string]any{"object": "dispute", "id": "du_1", "payment_intent": "pi_1", "metadata": map[string]any{}}), payment.Notice{ID: "evt_1", ChargeID: "pi_1"}, nil},
		"a dashboard refund":  {"", of(map[string]any{"object": "refund", "id": "re_1", "payment_intent": "pi_1"}), payment.Notice{ID: "evt_1", ChargeID: "pi_1"}, nil},
		"a dispute of none":   {"", of(map[string]any{"object": "dispute", "id": "du_1", "payment_intent": nil}), payment.Notice{}, payment.ErrOtherNotice},
		"a dispute's odd id":  {"", of(map[string]any{"object": "dispute", "payment_intent": "../pi_1"}), payment.Notice{}, payment.ErrOtherNotice},
		"another's session":   {"", of(map[string]any{"object": "checkout.session", "id": "cs_2"}), payment.Notice{ID: "evt_1", ChargeID: "cs_2"}, nil},
		"something else":      {"", of(map[string]any{"object": "payout", "id": "po_1"}), payment.Notice{}, payment.ErrOtherNotice},
		"a session's odd id":  {"", of(map[string]any{"object": "checkout.session", "id": "../cs_2"}), payment.Notice{}, payment.ErrOtherNotice},
		"not JSON":            {"", []byte("paid"), payment.Notice{}, payment.ErrNotice},
		"empty":               {"", nil, payment.Notice{}, payment.ErrNotice},
		"no event":            {"", []byte("{}"), payment.Notice{}, payment.ErrNotice},
		"no id":               {"", eventOf("", "some.event", map[string]any{"object": "payout"}), payment.Notice{}, payment.ErrNotice},
		"no object":           {"", eventOf("evt_1", "some.event", nil), payment.Notice{}, payment.ErrOtherNotice},
		"no data":             {"", []byte(`{"object":"event","id":"evt_1"}`), payment.Notice{}, payment.ErrNotice},
		"metadata that is no": {"", of(map[string]any{"object": "refund", "metadata": 1}), payment.Notice{}, payment.ErrNotice},
	} {
		if row.signature == "" && name != "unsigned" {
			row.signature = signatureOf(testWebhook, now, row.body)
		}
		n, err := s.ParseNotice(payment.Delivery{Header: http.Header{"Stripe-Signature": {row.signature}}, Body: row.body})
		if n != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, n, err, row.want, row.err)
		}
	}
	// Without a secret nobody can have signed anything.
	bare := New(Config{})
	bare.now = clock.Now
	if _, err := bare.ParseNotice(payment.Delivery{Header: http.Header{"Stripe-Signature": {signatureOf("", now, session)}}, Body: session}); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseNotice(f *testing.F) {
	clock := contract.NewClock()
	s := newTestGateway("http://stripe.test", clock)
	good := eventOf("evt_1", "checkout.session.completed", map[string]any{"object": "checkout.session", "id": "cs_1", "client_reference_id": "r"})
	f.Add(signatureOf(testWebhook, clock.Now().Unix(), good), good)
	f.Add("t=1,v1=", []byte("{}"))
	f.Add("t=99999999999999999999,v1=00", []byte("null"))
	f.Add("t=1,t=2,v1=00,v0=0", []byte(`{"object":"event","id":"\xff","data":{"object":{"metadata":{"guiche_charge":null}}}}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		for _, signature := range []string{signature, signatureOf(testWebhook, clock.Now().Unix(), body)} {
			contract.CheckNotice(t, s, payment.Delivery{Header: http.Header{"Stripe-Signature": {signature}}, Body: body})
		}
		// Rightly signed, the same body is never called a forgery.
		signed := payment.Delivery{Header: http.Header{"Stripe-Signature": {signatureOf(testWebhook, clock.Now().Unix(), body)}}, Body: body}
		if _, err := s.ParseNotice(signed); errors.Is(err, payment.ErrSignature) {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}

func TestStripeIsToldNothingOfThePayer(t *testing.T) {
	var asked strings.Builder
	clock := contract.NewClock()
	provider := &fakeStripe{t: t, clock: clock, keys: map[string]fakeReply{}}
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
	w := contract.World{Gateway: newTestGateway(server.URL, clock), Now: clock.Now, NoticeURL: "http://shop.test"}
	n := w.NewCharge()
	n.Reference = uuid.NewString()
	if _, err := w.Gateway.Create(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{n.Payer.Name, n.Payer.Email, n.Payer.CPF} {
		if strings.Contains(asked.String(), personal) {
			t.Errorf("told %q", personal)
		}
	}
}

// A charge that a payer's bank only asks about keeps its money; whoever runs the show sees that it was asked.
func TestAnInquiryHoldsNoMoney(t *testing.T) {
	for status, want := range map[string]payment.Charge{
		"warning_needs_response": {Dispute: payment.DisputeOpen}, "warning_under_review": {Dispute: payment.DisputeOpen},
		"warning_closed": {Dispute: payment.DisputeWon}, "prevented": {Dispute: payment.DisputeWon}, "won": {Dispute: payment.DisputeWon},
		"under_review": {Dispute: payment.DisputeOpen, DisputedCents: 12_345}, "lost": {Dispute: payment.DisputeLost, DisputedCents: 12_345},
	} {
		provider, w := startBoth(t)
		c := w.Paid(t)
		w.Dispute(t, c)
		provider.act(t, c, func(session *fakeSession) (string, map[string]any) {
			session.dispute = status
			return "", nil
		})
		if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.Dispute != want.Dispute || got.DisputedCents != want.DisputedCents {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
}

func TestStripeRefusalsHaveReasons(t *testing.T) {
	w := start(t)
	n := w.NewCharge()
	n.AmountCents = leastCents - 1
	if c, err := w.Gateway.Create(t.Context(), n); !errors.Is(err, payment.ErrRefused) || payment.ReasonOf(err) != payment.ReasonAmount {
		t.Errorf("too little: %+v, %v", c, err)
	}
	c := w.Paid(t)
	w.PanelRefund(t, c, c.AmountCents)
	if r, err := w.Gateway.Refund(t.Context(), payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 1}); payment.ReasonOf(err) != payment.ReasonLess {
		t.Errorf("everything is back: %+v, %v", r, err)
	}
}
