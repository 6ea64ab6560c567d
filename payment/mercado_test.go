package payment

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// startMercado is a Mercado Pago with a payer and a shop.
func startMercado(t *testing.T, method Method) (contractWorld, *mercadoServer) {
	t.Helper()
	clock := newTestClock()
	noticeURL, notices := startShop(t)
	provider := &mercadoServer{t: t, clock: clock, noticeURL: noticeURL, page: 2, keys: map[string]mercadoTestReply{}, next: 1_320_000_000_000}
	road := &lossy{provider: provider}
	server := httptest.NewServer(road)
	t.Cleanup(server.Close)
	w := contractWorld{
		gateway:   newTestMercado(t, server.URL, clock),
		noticeURL: mercadoTestNotices,
		method:    method,
		spare:     time.Second,
		again:     true,
		pay:       provider.act("approved"),
		decline:   provider.act("rejected"),
		review:    provider.act("in_process"),
		notice:    waitForNotice(notices),
		advance:   clock.advance,
		now:       clock.now,
		lose:      road.lose,
		forget:    provider.forget,
		slow:      provider.slowRefunds,
		refunds:   provider.settle,
	}
	if method == Pix {
		w.spare, w.again = mercadoSpare+time.Second, false
	}
	return w, provider
}

func newTestMercado(t *testing.T, baseURL string, clock *testClock) *MercadoPago {
	t.Helper()
	m, err := NewMercadoPago(MercadoPagoConfig{
		AccessToken: mercadoTestToken, WebhookSecret: mercadoTestWebhook, BaseURL: baseURL, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.now = clock.now
	return m
}

func TestMercadoPagoKeepsTheContract(t *testing.T) {
	for _, method := range []Method{Pix, Card} {
		t.Run(string(method), func(t *testing.T) {
			testGateway(t, func(t *testing.T) contractWorld {
				w, _ := startMercado(t, method)
				return w
			})
		})
	}
}

func TestMercadoPagoHasTwoMethods(t *testing.T) {
	w, _ := startMercado(t, Pix)
	for _, method := range w.gateway.Methods() {
		n := w.newCharge()
		n.Method = method
		c, err := w.gateway.Create(t.Context(), n)
		if err != nil || (method == Pix) != (c.PixCode != "") || (method == Card) != (c.PayURL != "") {
			t.Errorf("%s: %+v, %v", method, c, err)
		}
		// One reference makes one charge, whatever is asked for next.
		n.Method = Pix
		if method == Pix {
			n.Method = Card
		}
		if again, err := w.gateway.Create(t.Context(), n); err != nil || again != c {
			t.Errorf("then %s: %+v, %v; want %+v", n.Method, again, err, c)
		}
	}
	for name, spoil := range map[string]func(*NewCharge){
		"no method": func(n *NewCharge) { n.Method = AnyMethod },
		"dollars":   func(n *NewCharge) { n.Currency = "USD" },
	} {
		n := w.newCharge()
		spoil(&n)
		if c, err := w.gateway.Create(t.Context(), n); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestAPageThatIsPaidTwiceSendsTheSecondPaymentBack(t *testing.T) {
	w, provider := startMercado(t, Card)
	c := w.create(t)
	first := provider.try(c, "approved", false)
	w.advance(time.Minute)
	second, third := provider.try(c, "approved", true), provider.try(c, "approved", true)
	provider.refuseRefunds(true)
	w.want(t, c.ID, Paid) // what cannot be sent back is told, and the first payment counts
	provider.refuseRefunds(false)
	provider.forget()
	for range 2 {
		got, err := w.gateway.Get(t.Context(), c.ID)
		if err != nil || got.Status != Paid || got.AmountCents != c.AmountCents || got.RefundedCents != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for p, want := range map[*mercadoTestPayment]int64{first: 0, second: 12_345, third: 12_345} {
		if got := p.refunded(); got != want {
			t.Errorf("payment %d: refunded %d, want %d", p.id, got, want)
		}
	}
	if _, err := w.gateway.Refund(t.Context(), NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 12_345}); err != nil {
		t.Error(err)
	}
	if first.refunded() != 12_345 || second.refunded() != 12_345 {
		t.Errorf("refunded %d and %d", first.refunded(), second.refunded())
	}
	w.want(t, c.ID, Paid)
}

// refuseRefunds says whether refunds are refused.
func (s *mercadoServer) refuseRefunds(stuck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = stuck
}

func TestAPageLeadsBackToAPublicShop(t *testing.T) {
	w, provider := startMercado(t, Card)
	for address, want := range map[string]string{"https://shop.test/orders/1": "approved", "http://localhost:8080/orders/1": ""} {
		n := w.newCharge()
		n.ReturnURL = address
		c, err := w.gateway.Create(t.Context(), n)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := provider.findPreference(strings.TrimPrefix(c.ID, mercadoPreferenceID)).autoReturn; got != want {
			t.Errorf("%s: leads back %q, want %q", address, got, want)
		}
	}
}

func TestOfTwoPagesTheFirstIsTaken(t *testing.T) {
	w, provider := startMercado(t, Card)
	provider.rival = true
	c := w.create(t)
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if len(provider.preferences) != 2 || c.ID != mercadoPreferenceID+provider.preferences[0].id {
		t.Fatalf("%+v of %d preferences", c, len(provider.preferences))
	}
	if second := provider.preferences[1]; w.now().Before(second.expires) {
		t.Errorf("the second can be paid until %v", second.expires)
	}
}

func TestFindTakesNoTryForACharge(t *testing.T) {
	w, provider := startMercado(t, Card)
	provider.add(&mercadoTestPayment{reference: "r", method: "master", status: "approved", amount: "1.00"})
	if c, err := w.gateway.Find(t.Context(), "r", w.now()); !errors.Is(err, ErrNotFound) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestCancelEndsTheTriesOfAPage(t *testing.T) {
	w, provider := startMercado(t, Card)
	c := w.create(t)
	var all []*mercadoTestPayment
	for range 5 { // more than a page of the search
		all = append(all, provider.try(c, "in_process", true))
	}
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Cancelled {
		t.Errorf("%+v, %v", got, err)
	}
	for _, p := range all {
		if p.status != "cancelled" {
			t.Errorf("payment %d is %s", p.id, p.status)
		}
	}
}

func TestRefundsThatSomebodyElseMadeAreNotTakenForOurs(t *testing.T) {
	w, provider := startMercado(t, Pix)
	c := w.paid(t)
	provider.mu.Lock()
	provider.payments[0].refunds = []*mercadoTestRefund{{id: 7, amount: "50.00", status: "approved"}}
	provider.mu.Unlock()
	if r, err := w.gateway.Refund(t.Context(), NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 2_000}); !errors.Is(err, ErrRefused) {
		t.Errorf("%+v, %v", r, err)
	}
	// What we know to be sent and Mercado Pago does not, may only be late.
	r, err := w.gateway.Refund(t.Context(), NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 2_000, BeforeCents: 9_000})
	if err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnotherRefundMayFollowOneThatFailed(t *testing.T) {
	w, _ := startMercado(t, Pix)
	c := w.paid(t)
	ask := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	w.slow()
	if _, err := w.gateway.Refund(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	w.refunds(false)
	if r, err := w.gateway.Refund(t.Context(), ask); !errors.Is(err, ErrRefused) {
		t.Errorf("%+v, %v", r, err)
	}
	ask.Key = uuid.NewString()
	if _, err := w.gateway.Refund(t.Context(), ask); err != nil {
		t.Error(err)
	}
	w.refunds(true)
	if r, err := w.gateway.Refund(t.Context(), ask); err != nil || r.Status != RefundDone {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNoCentIsLostInAFloat(t *testing.T) {
	exact := func(cents int64) {
		reais := toReais(cents)
		if back := fromReais(reais); back != cents {
			t.Errorf("%d cents became %v and then %d", cents, reais, back)
		}
	}
	for cents := range int64(100_001) {
		exact(cents)
	}
	for _, whole := range []int64{1e6, 1e7, 1e9, 99_999_999_999, 1e12, 1_000_000_000_00, 1<<43 - 1} {
		for cents := range int64(200) {
			exact(whole - 100 + cents)
		}
	}
	for _, odd := range []float64{0.1 + 0.2, 1.005, 4.35, 1.1 * 1.1} { // as a sum on the other side may be
		if got, want := fromReais(odd), int64(math.Floor(odd*100+0.5)); got != want {
			t.Errorf("%v became %d, want %d", odd, got, want)
		}
	}
}

// TestMercadoPagoErrors shows what an answer becomes, and that nothing of it is told: it may quote the payer or the key.
func TestMercadoPagoErrors(t *testing.T) {
	const secret = "ana@guiche.test"
	refusal := func(status int, word string, cause int) string {
		return string(mercadoRefusal(status, word, cause).body)
	}
	for name, row := range map[string]struct {
		status int
		body   string
		want   error // nil: one that may be tried again
	}{
		"missing":             {404, refusal(404, "not_found", 2000), ErrNotFound},
		"invalid":             {400, refusal(400, "bad_request", 1), ErrRefused},
		"not now":             {400, refusal(400, "bad_request", 2063), ErrRefused},
		"no cause":            {400, `{"message":"` + secret + `","error":"bad_request","status":400,"cause":null}`, ErrRefused},
		"a cause of words":    {422, `{"message":"` + secret + `","cause":{"code":"` + secret + `"}}`, ErrRefused},
		"causes of words":     {422, `{"message":"` + secret + `","cause":[{"code":"` + secret + `"}]}`, ErrRefused},
		"a key used before":   {404, refusal(404, "bad_request", 2032), ErrRefused},
		"a key in conflict":   {409, refusal(409, "idempotency_key_already_used", 0), ErrRefused},
		"the same just now":   {400, refusal(400, "bad_request", 2001), nil},
		"another's token":     {401, refusal(401, "unauthorized", 0), nil},
		"not allowed":         {403, refusal(403, "forbidden", 0), nil},
		"at the same time":    {409, refusal(409, "conflict", 0), nil},
		"locked":              {423, refusal(423, "locked", 0), nil},
		"too many":            {429, refusal(429, "too_many_requests", 0), nil},
		"down":                {500, refusal(500, "internal_error", 0), nil},
		"a page":              {200, "<!doctype html>" + secret, nil},
		"a page of an error":  {502, "<!doctype html>" + secret, nil},
		"a proxy's not found": {404, "not found " + secret, nil},
		"other JSON":          {404, `{"detail":"` + secret + `"}`, nil},
		"nothing":             {200, "", nil},
		"null":                {200, "null", nil},
		"an empty object":     {200, "{}", nil},
		"an unknown state":    {200, `{"id":1,"status":"` + secret + `"}`, nil},
		"another payment":     {200, `{"id":2,"status":"approved"}`, nil},
		"a redirect":          {307, "", nil},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Errorf("%s: the secret was carried elsewhere", name)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(row.status)
			_, _ = io.WriteString(w, row.body)
		}))
		m := newTestMercado(t, server.URL, newTestClock())
		for call, do := range map[string]func() (Charge, error){
			"Get":              func() (Charge, error) { return m.Get(t.Context(), "payment-1") },
			"Get a preference": func() (Charge, error) { return m.Get(t.Context(), "preference-1") },
			"Find":             func() (Charge, error) { return m.Find(t.Context(), "r", time.Time{}) },
			"Cancel":           func() (Charge, error) { return m.Cancel(t.Context(), "preference-1") },
			"Refund": func() (Charge, error) {
				_, err := m.Refund(t.Context(), NewRefund{Key: "k", ChargeID: "preference-1", AmountCents: 1})
				return Charge{}, err
			},
		} {
			c, err := do()
			if err == nil || c != (Charge{}) || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("%s: %s: %+v, %v; want %v", name, call, c, err, row.want)
				continue
			}
			if row.want == nil && (errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound)) {
				t.Errorf("%s: %s: %v, though it may be tried again", name, call, err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), mercadoTestToken) {
				t.Errorf("%s: %s: told %q", name, call, err)
			}
		}
		server.Close()
	}
}

func TestAMercadoPagoCallEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	m := newTestMercado(t, "http://"+listener.Addr().String(), newTestClock())
	if _, err := m.Get(ctx, "payment-1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
}

func TestMercadoPagoIsToldOfNoPrivateAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.test/webhooks/mercadopago": "https://shop.test/webhooks/mercadopago?source_news=webhooks",
		"http://localhost:8080/webhooks":         "", "::": "", "": "",
	} {
		if got := mercadoNoticeURL(address); got != want {
			t.Errorf("%q became %q, want %q", address, got, want)
		}
	}
}

func TestMercadoPagoNeedsAnAddress(t *testing.T) {
	if _, err := NewMercadoPago(MercadoPagoConfig{BaseURL: "::"}); err == nil {
		t.Error("an address that is none was taken")
	}
}

func TestMercadoPagoNotices(t *testing.T) {
	clock := newTestClock()
	m := newTestMercado(t, "http://mercado.test", clock)
	now := clock.now().UnixMilli()
	sign := func(at int64) string { return mercadoSign(mercadoTestWebhook, "123", "r-1", at) }
	good := Notice{ID: "123/r-1", ChargeID: "payment-123"}
	query := func(pairs ...string) url.Values {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		return q
	}
	about := query("data.id", "123", "type", "payment")
	for name, row := range map[string]struct {
		signature, request string
		query              url.Values
		want               Notice
		err                error
	}{
		"good":               {sign(now), "r-1", about, good, nil},
		"again":              {sign(now + 1_000), "r-1", about, good, nil},
		"without a type":     {sign(now), "r-1", query("data.id", "123"), good, nil},
		"in seconds":         {sign(now / 1000), "r-1", about, good, nil},
		"five minutes old":   {sign(now - 300_000), "r-1", about, good, nil},
		"older":              {sign(now - 300_001), "r-1", about, Notice{}, ErrSignature},
		"of the future":      {sign(now + 300_001), "r-1", about, Notice{}, ErrSignature},
		"long ago":           {sign(-1 << 62), "r-1", about, Notice{}, ErrSignature},
		"far ahead":          {sign(1 << 62), "r-1", about, Notice{}, ErrSignature},
		"another secret":     {mercadoSign("other", "123", "r-1", now), "r-1", about, Notice{}, ErrSignature},
		"another payment":    {sign(now), "r-1", query("data.id", "124", "type", "payment"), Notice{}, ErrSignature},
		"another delivery":   {sign(now), "r-2", about, Notice{}, ErrSignature},
		"no delivery":        {sign(now), "", about, Notice{}, ErrSignature},
		"two moments":        {sign(now-300_001) + "," + sign(now), "r-1", about, Notice{}, ErrSignature},
		"the older moment":   {sign(now) + "," + sign(now-300_001), "r-1", about, Notice{}, ErrSignature},
		"two payments":       {sign(now), "r-1", query("data.id", "123", "data.id", "124"), Notice{}, ErrSignature},
		"unsigned":           {"", "r-1", about, Notice{}, ErrSignature},
		"the older kind":     {"", "", query("id", "123", "topic", "payment"), Notice{}, ErrSignature},
		"another topic":      {sign(now), "r-1", query("data.id", "123", "type", "topic_claims_integration_wh"), Notice{}, ErrOtherNotice},
		"an order":           {mercadoSign(mercadoTestWebhook, "ord01j", "r-1", now), "r-1", query("data.id", "ORD01J", "type", "order"), Notice{}, ErrOtherNotice},
		"no number":          {mercadoSign(mercadoTestWebhook, "x1", "r-1", now), "r-1", query("data.id", "x1", "type", "payment"), Notice{}, ErrNotice},
		"another spelling":   {mercadoSign(mercadoTestWebhook, "+123", "r-1", now), "r-1", query("data.id", "+123", "type", "payment"), Notice{}, ErrNotice},
		"a shifted manifest": {sign(now), "", query("data.id", "123;request-id:r-1", "type", "payment"), Notice{}, ErrNotice},
		"a strange delivery": {mercadoSign(mercadoTestWebhook, "123", "r\xff", now), "r\xff", about, Notice{}, ErrNotice},
	} {
		d := Delivery{Header: http.Header{"X-Signature": {row.signature}, "X-Request-Id": {row.request}}, Query: row.query, Body: []byte(`{"data":{"id":"999"}}`)}
		n, err := m.ParseNotice(d)
		if n != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, n, err, row.want, row.err)
		}
	}
	bare, err := NewMercadoPago(MercadoPagoConfig{})
	if err != nil {
		t.Fatal(err)
	}
	bare.now = clock.now
	unsecret := Delivery{Header: http.Header{"X-Signature": {mercadoSign("", "123", "r-1", now)}, "X-Request-Id": {"r-1"}}, Query: about}
	if _, err := bare.ParseNotice(unsecret); !errors.Is(err, ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseMercadoPagoNotice(f *testing.F) {
	clock := newTestClock()
	m, err := NewMercadoPago(MercadoPagoConfig{WebhookSecret: mercadoTestWebhook})
	if err != nil {
		f.Fatal(err)
	}
	m.now = clock.now
	f.Add(mercadoSign(mercadoTestWebhook, "123", "r-1", clock.now().UnixMilli()), "r-1", "data.id=123&type=payment", []byte("{}"))
	f.Add("ts=1,v1=00", "", "data.id=&data.id=%ff", []byte(nil))
	f.Add("ts=1,ts=2, V1 = ", "\x00", "type=order;data.id=1", []byte("null"))
	f.Add("ts=-99999999999999999999", "é", "%", []byte("[]"))
	f.Fuzz(func(t *testing.T, signature, request, query string, body []byte) {
		values, _ := url.ParseQuery(query)
		id := values.Get("data.id")
		own := mercadoSign(mercadoTestWebhook, strings.ToLower(id), request, clock.now().UnixMilli())
		for _, signature := range []string{signature, own} {
			d := Delivery{Header: http.Header{"X-Signature": {signature}, "X-Request-Id": {request}}, Query: values, Body: body}
			fuzzedNotice(t, m, d)
		}
		// Rightly signed, the same address is never called a forgery. The parts of a manifest that are blank are left out of it.
		signed := Delivery{Header: http.Header{"X-Signature": {own}, "X-Request-Id": {request}}, Query: values, Body: body}
		if _, err := m.ParseNotice(signed); errors.Is(err, ErrSignature) && len(values["data.id"]) == 1 &&
			strings.TrimSpace(strings.ToLower(id)) == strings.ToLower(id) && id != "" && strings.TrimSpace(request) == request && request != "" {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}
