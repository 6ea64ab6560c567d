package mercadopago

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
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/payment/contract"
)

// start is a Mercado Pago with a payer and a shop.
func start(t *testing.T, method payment.Method) (contract.World, *fakeMercado) {
	t.Helper()
	clock := contract.NewClock()
	noticeURL, notice := contract.StartShop(t)
	provider := &fakeMercado{t: t, clock: clock, noticeURL: noticeURL, page: 2, keys: map[string]fakeReply{}, next: 1_320_000_000_000}
	road := &contract.Lossy{Provider: provider, TooMany: string(refuse(http.StatusTooManyRequests, "too_many_requests", 0).body)}
	server := httptest.NewServer(road)
	t.Cleanup(server.Close)
	w := contract.World{
		Gateway:   newTestGateway(t, server.URL, clock),
		NoticeURL: testNotices,
		Method:    method,
		Spare:     time.Second,
		Again:     true,
		Pay:       provider.act("approved"),
		Decline:   provider.act("rejected"),
		Review:    provider.act("in_process"),
		Notice:    notice,
		Advance:   clock.Advance,
		Now:       clock.Now,
		Lose:      road.Lose,
		Forget:    provider.forget,
		Slow:      provider.slowRefunds,
		Refunds:   provider.settle,
		Closing:   closing,

		Dispute: provider.disputes, DisputeEnds: provider.disputeEnds, PanelRefund: provider.panelRefund,
		RefundsFail: provider.refundsFail, Busy: road.Busy,
	}
	if method == payment.Pix {
		w.Spare, w.Again, w.Closing = spare+time.Second, false, 0
	}
	return w, provider
}

func newTestGateway(t *testing.T, baseURL string, clock *contract.Clock) *Gateway {
	t.Helper()
	m, err := New(Config{
		AccessToken: testToken, WebhookSecret: testWebhook, BaseURL: baseURL, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.now = clock.Now
	return m
}

func TestMercadoPagoKeepsTheContract(t *testing.T) {
	for _, method := range []payment.Method{payment.Pix, payment.Card} {
		t.Run(string(method), func(t *testing.T) {
			contract.Run(t, func(t *testing.T) contract.World {
				w, _ := start(t, method)
				return w
			})
		})
	}
}

func TestMercadoPagoHasTwoMethods(t *testing.T) {
	w, _ := start(t, payment.Pix)
	for _, method := range w.Gateway.Methods() {
		n := w.NewCharge()
		n.Method = method
		c, err := w.Gateway.Create(t.Context(), n)
		if err != nil || (method == payment.Pix) != (c.PixCode != "") || (method == payment.Card) != (c.PayURL != "") {
			t.Errorf("%s: %+v, %v", method, c, err)
		}
		// One reference makes one charge, whatever is asked for next.
		n.Method = payment.Pix
		if method == payment.Pix {
			n.Method = payment.Card
		}
		if again, err := w.Gateway.Create(t.Context(), n); err != nil || again != c {
			t.Errorf("then %s: %+v, %v; want %+v", n.Method, again, err, c)
		}
	}
	for name, spoil := range map[string]func(*payment.NewCharge){
		"no method": func(n *payment.NewCharge) { n.Method = payment.AnyMethod },
		"dollars":   func(n *payment.NewCharge) { n.Currency = "USD" },
	} {
		n := w.NewCharge()
		spoil(&n)
		if c, err := w.Gateway.Create(t.Context(), n); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestAPageThatIsPaidTwiceSendsTheSecondPaymentBack(t *testing.T) {
	w, provider := start(t, payment.Card)
	c := w.Create(t)
	first := provider.try(c, "approved", false)
	w.Advance(time.Minute)
	second, third := provider.try(c, "approved", true), provider.try(c, "approved", true)
	provider.refuseRefunds(true)
	w.Want(t, c.ID, payment.Paid) // what cannot be sent back is told, and the first payment counts
	provider.refuseRefunds(false)
	provider.forget()
	for range 2 {
		got, err := w.Gateway.Get(t.Context(), c.ID)
		if err != nil || got.Status != payment.Paid || got.AmountCents != c.AmountCents || got.RefundedCents != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for p, want := range map[*fakePayment]int64{first: 0, second: 12_345, third: 12_345} {
		if got := p.refunded(); got != want {
			t.Errorf("payment %d: refunded %d, want %d", p.id, got, want)
		}
	}
	if _, err := w.Gateway.Refund(t.Context(), payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 12_345}); err != nil {
		t.Error(err)
	}
	if first.refunded() != 12_345 || second.refunded() != 12_345 {
		t.Errorf("refunded %d and %d", first.refunded(), second.refunded())
	}
	w.Want(t, c.ID, payment.Paid)
}

// refuseRefunds says whether refunds are refused.
func (s *fakeMercado) refuseRefunds(stuck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = stuck
}

func TestAPageLeadsBackToAPublicShop(t *testing.T) {
	w, provider := start(t, payment.Card)
	for address, want := range map[string]string{"https://shop.test/orders/1": "approved", "http://localhost:8080/orders/1": ""} {
		n := w.NewCharge()
		n.ReturnURL = address
		c, err := w.Gateway.Create(t.Context(), n)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := provider.findPreference(strings.TrimPrefix(c.ID, preferencePrefix)).autoReturn; got != want {
			t.Errorf("%s: leads back %q, want %q", address, got, want)
		}
	}
}

func TestOfTwoPagesTheFirstIsTaken(t *testing.T) {
	w, provider := start(t, payment.Card)
	provider.rival = true
	c := w.Create(t)
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if len(provider.preferences) != 2 || c.ID != preferencePrefix+provider.preferences[0].id {
		t.Fatalf("%+v of %d preferences", c, len(provider.preferences))
	}
	if second := provider.preferences[1]; w.Now().Add(closing + time.Second).Before(second.expires) {
		t.Errorf("the second can be paid until %v", second.expires)
	}
}

func TestFindTakesNoTryForACharge(t *testing.T) {
	w, provider := start(t, payment.Card)
	provider.add(&fakePayment{reference: "r", method: "master", status: "approved", amount: "1.00"})
	if c, err := w.Gateway.Find(t.Context(), "r", w.Now()); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestCancelEndsTheTriesOfAPage(t *testing.T) {
	w, provider := start(t, payment.Card)
	c := w.Create(t)
	var all []*fakePayment
	for range 5 { // more than a page of the search
		all = append(all, provider.try(c, "in_process", true))
	}
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled {
		t.Errorf("%+v, %v", got, err)
	}
	for _, p := range all {
		if p.status != "cancelled" {
			t.Errorf("payment %d is %s", p.id, p.status)
		}
	}
}

func TestRefundsThatSomebodyElseMadeAreNotTakenForOurs(t *testing.T) {
	w, _ := start(t, payment.Pix)
	c := w.Paid(t)
	w.PanelRefund(t, c, 2_000)
	w.Advance(time.Hour)
	ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 2_000, AskedAt: w.Now()}
	ours, err := w.Gateway.Refund(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	w.Forget()
	if again, err := w.Gateway.Refund(t.Context(), ask); err != nil || again != ours {
		t.Errorf("again: %+v, %v; want %+v", again, err, ours)
	}
	// What we know to be sent and Mercado Pago does not, may only be late.
	ask.Before = []string{"7"}
	if r, err := w.Gateway.Refund(t.Context(), ask); err == nil || errors.Is(err, payment.ErrRefused) {
		t.Errorf("%+v, %v", r, err)
	}
}

// The search for payments lags behind, and a payment that a notice names tells at once that it was paid.
func TestTheNamedPaymentCountsBeforeTheSearchKnowsIt(t *testing.T) {
	w, provider := start(t, payment.Card)
	c := w.Create(t)
	provider.lag = true
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Open) // so says the search
	n, err := w.Gateway.ParseNotice(w.Notice(t))
	if err != nil {
		t.Fatal(err)
	}
	said, err := w.Gateway.Get(t.Context(), n.ChargeID)
	if err != nil || said.ID != c.ID || said.Status != payment.Paid || said.PaymentID == "" || said.AmountCents != c.AmountCents {
		t.Fatalf("%+v, %v", said, err)
	}
	w.Want(t, said.PaymentID, payment.Paid)
	r, err := w.Gateway.Refund(t.Context(), payment.NewRefund{Key: uuid.NewString(), ChargeID: said.PaymentID, AmountCents: 5_000, AskedAt: w.Now()})
	if err != nil || r.Status != payment.RefundDone {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := w.Gateway.GetRefund(t.Context(), said.PaymentID, r.ID); err != nil || r.Status != payment.RefundDone {
		t.Errorf("%+v, %v", r, err)
	}
}

// A declined try is no end of a page, and a look at one sends nothing back.
func TestATryIsNotTheWholePage(t *testing.T) {
	w, provider := start(t, payment.Card)
	c := w.Create(t)
	declined := provider.try(c, "rejected", true)
	first, second := provider.try(c, "approved", true), provider.try(c, "approved", true)
	if got, err := w.Gateway.Get(t.Context(), paymentPrefix+strconv.Itoa(declined.id)); err != nil || got.Status != payment.Paid || got.ID != c.ID {
		t.Errorf("%+v, %v", got, err)
	}
	if first.refunded() != 0 || second.refunded() != 0 {
		t.Errorf("a look sent %d and %d back", first.refunded(), second.refunded())
	}
	// The payment that counts for us stays, even if it was not the first.
	kept := paymentPrefix + strconv.Itoa(second.id) + pageBreak + strings.TrimPrefix(c.ID, preferencePrefix)
	if got, err := w.Gateway.Get(t.Context(), kept); err != nil || got.Status != payment.Paid || got.PaymentID != kept {
		t.Errorf("%+v, %v", got, err)
	}
	if first.refunded() != 12_345 || second.refunded() != 0 {
		t.Errorf("%d and %d went back", first.refunded(), second.refunded())
	}
}

func TestPressingPayMakesFewCalls(t *testing.T) {
	for method, most := range map[payment.Method]int{payment.Pix: 1, payment.Card: 2} {
		w, provider := start(t, method)
		n := w.NewCharge()
		n.First = true
		if _, err := w.Gateway.Create(t.Context(), n); err != nil || provider.calls > most {
			t.Errorf("%s: %d calls, %v; want %d at most", method, provider.calls, err, most)
		}
	}
}

// A page that Mercado Pago does not close ends by itself: switching to Pix, leaving and deadlines go on.
func TestAPageThatCannotBeClosedHasEndedForUs(t *testing.T) {
	w, provider := start(t, payment.Card)
	c := w.Create(t)
	provider.unclosable = true
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled {
		t.Errorf("%+v, %v", got, err)
	}
}

// Some kinds of payment are sent back whole or not at all.
func TestEverythingIsSentBackWhole(t *testing.T) {
	for _, method := range []payment.Method{payment.Pix, payment.Card} {
		w, provider := start(t, method)
		provider.whole = true
		c := w.Paid(t)
		ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: c.AmountCents}
		if r, err := w.Gateway.Refund(t.Context(), ask); err != nil || r.AmountCents != c.AmountCents {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

func TestAMediationHoldsTheMoney(t *testing.T) {
	w, provider := start(t, payment.Pix)
	c := w.Paid(t)
	provider.mu.Lock()
	provider.payments[0].status = "in_mediation"
	provider.mu.Unlock()
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.Status != payment.Paid || got.Dispute != payment.DisputeOpen || got.LeftCents() != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestMercadoPagoRefusalsHaveReasons(t *testing.T) {
	for cause, want := range map[int]payment.Reason{
		2024: payment.ReasonTooOld, 2030: payment.ReasonBalance, 2031: payment.ReasonBalance, 2034: payment.ReasonTestUser,
		2060: payment.ReasonSamePayer, 2067: payment.ReasonPayer, 13253: payment.ReasonMethod, 1: payment.ReasonUnknown,
	} {
		err := refusal(http.StatusBadRequest, string(refuse(http.StatusBadRequest, "bad_request", cause).body))
		// Money comes in: only an empty account is asked again.
		if temporary := want == payment.ReasonBalance; payment.ReasonOf(err) != want || errors.Is(err, payment.ErrRefused) == temporary {
			t.Errorf("%d: %v, reason %q; want %q", cause, err, payment.ReasonOf(err), want)
		}
	}
}

func TestAnotherRefundMayFollowOneThatFailed(t *testing.T) {
	w, _ := start(t, payment.Pix)
	c := w.Paid(t)
	ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	w.Slow()
	if _, err := w.Gateway.Refund(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	w.Refunds(false)
	if r, err := w.Gateway.Refund(t.Context(), ask); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("%+v, %v", r, err)
	}
	ask.Key = uuid.NewString()
	if _, err := w.Gateway.Refund(t.Context(), ask); err != nil {
		t.Error(err)
	}
	w.Refunds(true)
	if r, err := w.Gateway.Refund(t.Context(), ask); err != nil || r.Status != payment.RefundDone {
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
		return string(refuse(status, word, cause).body)
	}
	for name, row := range map[string]struct {
		status int
		body   string
		want   error // nil: one that may be tried again
	}{
		"missing":             {404, refusal(404, "not_found", 2000), payment.ErrNotFound},
		"invalid":             {400, refusal(400, "bad_request", 1), payment.ErrRefused},
		"not now":             {400, refusal(400, "bad_request", 2063), payment.ErrRefused},
		"no cause":            {400, `{"message":"` + secret + `","error":"bad_request","status":400,"cause":null}`, payment.ErrRefused},
		"a cause of words":    {422, `{"message":"` + secret + `","cause":{"code":"` + secret + `"}}`, payment.ErrRefused},
		"causes of words":     {422, `{"message":"` + secret + `","cause":[{"code":"` + secret + `"}]}`, payment.ErrRefused},
		"a key used before":   {404, refusal(404, "bad_request", 2032), payment.ErrRefused},
		"a key in conflict":   {409, refusal(409, "idempotency_key_already_used", 0), payment.ErrRefused},
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
		m := newTestGateway(t, server.URL, contract.NewClock())
		for call, do := range map[string]func() (payment.Charge, error){
			"Get":              func() (payment.Charge, error) { return m.Get(t.Context(), "payment-1") },
			"Get a preference": func() (payment.Charge, error) { return m.Get(t.Context(), "preference-1") },
			"Find":             func() (payment.Charge, error) { return m.Find(t.Context(), "r", time.Time{}) },
			"Cancel":           func() (payment.Charge, error) { return m.Cancel(t.Context(), "preference-1") },
			"Refund": func() (payment.Charge, error) {
				_, err := m.Refund(t.Context(), payment.NewRefund{Key: "k", ChargeID: "preference-1", AmountCents: 1})
				return payment.Charge{}, err
			},
		} {
			c, err := do()
			if err == nil || c != (payment.Charge{}) || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("%s: %s: %+v, %v; want %v", name, call, c, err, row.want)
				continue
			}
			if row.want == nil && (errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrNotFound)) {
				t.Errorf("%s: %s: %v, though it may be tried again", name, call, err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), testToken) {
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
	m := newTestGateway(t, "http://"+listener.Addr().String(), contract.NewClock())
	if _, err := m.Get(ctx, "payment-1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
}

func TestMercadoPagoIsToldOfNoPrivateAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://shop.test/webhooks/mercadopago": "https://shop.test/webhooks/mercadopago?source_news=webhooks",
		"http://localhost:8080/webhooks":         "", "::": "", "": "",
	} {
		if got := signedNoticeURL(address); got != want {
			t.Errorf("%q became %q, want %q", address, got, want)
		}
	}
}

func TestMercadoPagoNeedsAnAddress(t *testing.T) {
	if _, err := New(Config{BaseURL: "::"}); err == nil {
		t.Error("an address that is none was taken")
	}
}

func TestMercadoPagoNotices(t *testing.T) {
	clock := contract.NewClock()
	m := newTestGateway(t, "http://mercado.test", clock)
	now := clock.Now().UnixMilli()
	sign := func(at int64) string { return signatureOf(testWebhook, "123", "r-1", at) }
	good := payment.Notice{ID: "123/r-1", ChargeID: "payment-123"}
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
		want               payment.Notice
		err                error
	}{
		"good":               {sign(now), "r-1", about, good, nil},
		"again":              {sign(now + 1_000), "r-1", about, good, nil},
		"without a type":     {sign(now), "r-1", query("data.id", "123"), good, nil},
		"in seconds":         {sign(now / 1000), "r-1", about, good, nil},
		"days old":           {sign(now - 300_000_000), "r-1", about, good, nil},
		"another secret":     {signatureOf("other", "123", "r-1", now), "r-1", about, payment.Notice{}, payment.ErrSignature},
		"another payment":    {sign(now), "r-1", query("data.id", "124", "type", "payment"), payment.Notice{}, payment.ErrSignature},
		"another delivery":   {sign(now), "r-2", about, payment.Notice{}, payment.ErrSignature},
		"no delivery":        {sign(now), "", about, payment.Notice{}, payment.ErrSignature},
		"two payments":       {sign(now), "r-1", query("data.id", "123", "data.id", "124"), payment.Notice{}, payment.ErrSignature},
		"unsigned":           {"", "r-1", about, payment.Notice{}, payment.ErrSignature},
		"the older kind":     {"", "", query("id", "123", "topic", "payment"), payment.Notice{}, payment.ErrSignature},
		"another topic":      {sign(now), "r-1", query("data.id", "123", "type", "topic_claims_integration_wh"), payment.Notice{}, payment.ErrOtherNotice},
		"a chargeback":       {sign(now), "r-1", query("data.id", "123", "type", "topic_chargebacks_wh"), payment.Notice{ID: "chargeback-123/r-1", ChargeID: "chargeback-123"}, nil},
		"an order":           {signatureOf(testWebhook, "ord01j", "r-1", now), "r-1", query("data.id", "ORD01J", "type", "order"), payment.Notice{}, payment.ErrOtherNotice},
		"no number":          {signatureOf(testWebhook, "x1", "r-1", now), "r-1", query("data.id", "x1", "type", "payment"), payment.Notice{}, payment.ErrNotice},
		"another spelling":   {signatureOf(testWebhook, "+123", "r-1", now), "r-1", query("data.id", "+123", "type", "payment"), payment.Notice{}, payment.ErrNotice},
		"a shifted manifest": {sign(now), "", query("data.id", "123;request-id:r-1", "type", "payment"), payment.Notice{}, payment.ErrNotice},
		"a strange delivery": {signatureOf(testWebhook, "123", "r\xff", now), "r\xff", about, payment.Notice{}, payment.ErrNotice},
	} {
		d := payment.Delivery{Header: http.Header{"X-Signature": {row.signature}, "X-Request-Id": {row.request}}, Query: row.query, Body: []byte(`{"data":{"id":"999"}}`)}
		n, err := m.ParseNotice(d)
		if n != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, n, err, row.want, row.err)
		}
	}
	bare, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	bare.now = clock.Now
	unsecret := payment.Delivery{Header: http.Header{"X-Signature": {signatureOf("", "123", "r-1", now)}, "X-Request-Id": {"r-1"}}, Query: about}
	if _, err := bare.ParseNotice(unsecret); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseNotice(f *testing.F) {
	clock := contract.NewClock()
	m, err := New(Config{WebhookSecret: testWebhook})
	if err != nil {
		f.Fatal(err)
	}
	m.now = clock.Now
	f.Add(signatureOf(testWebhook, "123", "r-1", clock.Now().UnixMilli()), "r-1", "data.id=123&type=payment", []byte("{}"))
	f.Add("ts=1,v1=00", "", "data.id=&data.id=%ff", []byte(nil))
	f.Add("ts=1,ts=2, V1 = ", "\x00", "type=order;data.id=1", []byte("null"))
	f.Add("ts=-99999999999999999999", "é", "%", []byte("[]"))
	f.Fuzz(func(t *testing.T, signature, request, query string, body []byte) {
		values, _ := url.ParseQuery(query)
		id := values.Get("data.id")
		own := signatureOf(testWebhook, strings.ToLower(id), request, clock.Now().UnixMilli())
		for _, signature := range []string{signature, own} {
			d := payment.Delivery{Header: http.Header{"X-Signature": {signature}, "X-Request-Id": {request}}, Query: values, Body: body}
			contract.CheckNotice(t, m, d)
		}
		// Rightly signed, the same address is never called a forgery. The parts of a manifest that are blank are left out of it.
		signed := payment.Delivery{Header: http.Header{"X-Signature": {own}, "X-Request-Id": {request}}, Query: values, Body: body}
		if _, err := m.ParseNotice(signed); errors.Is(err, payment.ErrSignature) && len(values["data.id"]) == 1 &&
			strings.TrimSpace(strings.ToLower(id)) == strings.ToLower(id) && id != "" && strings.TrimSpace(request) == request && request != "" {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}
