package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// nearby calls a provider without a network, so that a bubble's clock runs while it waits.
type nearby struct{ provider *Provider }

func (n nearby) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if trouble := recover(); trouble == http.ErrAbortHandler {
			resp, err = nil, io.ErrUnexpectedEOF
		} else if trouble != nil {
			panic(trouble)
		}
	}()
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
	in.Header = r.Header
	recorder := httptest.NewRecorder()
	n.provider.ServeHTTP(recorder, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// cruelWorld is a cruel provider with a merchant, a payer and a shop, all in one bubble of time.
type cruelWorld struct {
	t        *testing.T
	provider *Provider
	gateway  *sandbox.Gateway
	shop     *memoryShop
}

// inCruelWorld plays a story; every wait in it is a wait of the bubble's clock.
func inCruelWorld(t *testing.T, words string, story func(*testing.T, cruelWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { story(t, startCruelBubble(t, words, "")) })
}

func startCruelBubble(t *testing.T, words, dir string) cruelWorld {
	t.Helper()
	c, err := cruelty.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	w := cruelWorld{t: t, shop: &memoryShop{}}
	w.provider = startCruelProvider(t, w.shop, c, dir)
	w.gateway = sandbox.New("http://provider.test", testSecret)
	w.gateway.Client.Transport = nearby{w.provider}
	return w
}

// be makes the provider behave otherwise.
func (w cruelWorld) be(words string) {
	w.t.Helper()
	c, err := cruelty.Parse(words)
	if err != nil {
		w.t.Fatal(err)
	}
	w.provider.SetCruelty(c)
}

// newCharge is due in ten minutes.
func (w cruelWorld) newCharge(reference string) payment.NewCharge {
	return payment.NewCharge{
		Reference: reference, AmountCents: 12_345, Currency: "BRL", ExpiresAt: time.Now().Add(10 * time.Minute),
		ReturnURL: "http://shop.test/orders/1", NoticeURL: "http://shop.test/notices",
	}
}

func (w cruelWorld) create(reference string) payment.Charge {
	w.t.Helper()
	c, err := w.gateway.Create(w.t.Context(), w.newCharge(reference))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// press submits the hosted page and tells the answer's status.
func (w cruelWorld) press(c payment.Charge, form url.Values) int {
	req := httptest.NewRequest(http.MethodPost, "/pay/"+path.Base(c.PayURL), strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	w.provider.ServeHTTP(recorder, req)
	return recorder.Code
}

// do presses a button that leads back to the shop.
func (w cruelWorld) do(c payment.Charge, outcome string) {
	w.t.Helper()
	if status := w.press(c, url.Values{"outcome": {outcome}}); status != http.StatusSeeOther {
		w.t.Fatalf("%s: %d", outcome, status)
	}
}

// use pays with the card of a trick.
func (w cruelWorld) use(c payment.Charge, by cruelty.Trick) {
	w.t.Helper()
	if status := w.press(c, url.Values{"outcome": {payCard}, "card": {numberOf(w.t, by)}}); status != http.StatusSeeOther {
		w.t.Fatalf("%s: %d", by, status)
	}
}

func numberOf(t *testing.T, by cruelty.Trick) string {
	t.Helper()
	for _, card := range cruelty.MagicCards {
		if card.Trick == by {
			return card.Number
		}
	}
	t.Fatalf("no card does %q", by)
	return ""
}

// paid is a charge that was paid without cruelty, told and forgotten; then the provider behaves as the words say.
func (w cruelWorld) paid(reference, words string) payment.Charge {
	w.t.Helper()
	w.be("")
	c := w.create(reference)
	w.do(c, approve)
	w.be(words)
	return c
}

func (w cruelWorld) is(c payment.Charge, want payment.Status) {
	w.t.Helper()
	if got, err := w.gateway.Get(w.t.Context(), c.ID); err != nil || got.Status != want {
		w.t.Errorf("%s is %q, %v; want %q", c.Reference, got.Status, err, want)
	}
}

// told is what the shop has heard, in order.
func (w cruelWorld) told() string {
	synctest.Wait()
	var news []string
	for _, n := range w.shop.received() {
		news = append(news, n.notice.Reference+" "+strings.TrimPrefix(string(n.notice.Type), "charge."))
	}
	return strings.Join(news, ", ")
}

func (w cruelWorld) hears(want string) {
	w.t.Helper()
	if got := w.told(); got != want {
		w.t.Errorf("the shop heard %q, want %q", got, want)
	}
}

// unsure is an error that says nothing of what was done.
func unsure(err error) bool {
	return err != nil && !errors.Is(err, payment.ErrRefused) && !errors.Is(err, payment.ErrNotFound)
}

// patient repeats a call until its answer comes, as a merchant may with every one of them.
type patient struct{ payment.Gateway }

func insist[T any](call func() (T, error)) (reply T, err error) {
	for range 100 {
		if reply, err = call(); !unsure(err) {
			return reply, err
		}
	}
	return reply, err
}

func (p patient) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	return insist(func() (payment.Charge, error) { return p.Gateway.Create(ctx, c) })
}

func (p patient) Get(ctx context.Context, id string) (payment.Charge, error) {
	return insist(func() (payment.Charge, error) { return p.Gateway.Get(ctx, id) })
}

func (p patient) Find(ctx context.Context, reference string, near time.Time) (payment.Charge, error) {
	return insist(func() (payment.Charge, error) { return p.Gateway.Find(ctx, reference, near) })
}

func (p patient) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	return insist(func() (payment.Charge, error) { return p.Gateway.Cancel(ctx, id) })
}

func (p patient) Refund(ctx context.Context, r payment.NewRefund) (payment.Refund, error) {
	return insist(func() (payment.Refund, error) { return p.Gateway.Refund(ctx, r) })
}

func (p patient) GetRefund(ctx context.Context, chargeID, refundID string) (payment.Refund, error) {
	return insist(func() (payment.Refund, error) { return p.Gateway.GetRefund(ctx, chargeID, refundID) })
}
