package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox/provider"
)

// bank is the payment provider as the outside world sees it: what payers do there, what the shop asked of it, the
// notices that it has sent, and what it has really taken and sent back.
type bank struct {
	provider *provider.Provider
	away     bool
	charges  []string // references, in the order of their creation
	seen     map[string]payment.Status
	refunds  map[string]payment.NewRefund // by key
	refused  map[string]bool              // keys of refunds that will never be
	notices  []bankNotice
	sent     int
	trouble  atomic.Bool // some call got no answer
	wrong    error       // what the shop may never do
}

// bankNotice is on its way to the shop.
type bankNotice struct{ id, reference string }

const bankSecret = "secret"

// openBank starts a provider that goes by a clock. Its own notices go nowhere: the bank sends them, when a step says so.
func openBank(now func() time.Time, base string) (*bank, error) {
	b := &bank{seen: map[string]payment.Status{}, refunds: map[string]payment.NewRefund{}, refused: map[string]bool{}}
	var err error
	b.provider, err = provider.New(provider.Config{
		BaseURL: base, Secret: bankSecret, Now: now, Log: quiet, Transport: nowhere{},
	})
	return b, err
}

func (b *bank) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = b.provider.Shutdown(ctx) // it keeps nothing
}

// nowhere takes every notice.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// payWay is what a payer does on the provider's page.
type payWay int

const (
	unpaid payWay = iota
	approved
	declined
	slowMoney   // pending, then paid
	slowDecline // pending, then declined
	lateMoney   // paid after the charge has ended
	slowRefund
	lostRefund // its answer
	refusedRefund
	failingRefund // refused after a while
)

// payments are the forms of these, in their order, and those of who changes her mind, or whose bank does.
var payments = []url.Values{
	{"outcome": {"approve"}},
	{"outcome": {"decline"}},
	{"outcome": {"card"}, "card": {"9000 0201 0000 0008"}},
	{"outcome": {"card"}, "card": {"9000 0202 0000 0007"}},
	{"outcome": {"card"}, "card": {"9000 0301 0000 0007"}},
	{"outcome": {"card"}, "card": {"9000 0501 0000 0005"}},
	{"outcome": {"card"}, "card": {"9000 0504 0000 0002"}},
	{"outcome": {"card"}, "card": {"9000 0502 0000 0004"}},
	{"outcome": {"card"}, "card": {"9000 0503 0000 0003"}},
	{"outcome": {"confirm"}},
	{"outcome": {"refute"}},
	{"outcome": {"abandon"}},
}

// press sends the payer's form of the hosted page.
func (b *bank) press(payURL string, form url.Values) {
	u, err := url.Parse(payURL)
	if err != nil {
		b.wrong = err
		return
	}
	r := httptest.NewRequest(http.MethodPost, u.Path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	b.provider.ServeHTTP(answer, r)
	if answer.Code != http.StatusSeeOther && answer.Code != http.StatusConflict {
		b.wrong = fmt.Errorf("the payment page answers %d", answer.Code)
	}
}

// look reads a charge at the provider.
func (b *bank) look(reference string) (c struct {
	Status        payment.Status `json:"status"`
	AmountCents   int64          `json:"amount_cents"`
	RefundedCents int64          `json:"refunded_cents"`
},
) {
	r := httptest.NewRequest(http.MethodGet, "/v1/charges?reference="+reference, nil)
	r.Header.Set("Authorization", "Bearer "+bankSecret)
	answer := httptest.NewRecorder()
	b.provider.ServeHTTP(answer, r)
	if err := json.Unmarshal(answer.Body.Bytes(), &c); err != nil || answer.Code != http.StatusOK {
		b.wrong = fmt.Errorf("the provider answers %d", answer.Code)
	}
	return c
}

// taken is what the provider has of a charge.
func (b *bank) taken(reference string) (taken, back int64) {
	c := b.look(reference)
	if c.Status == payment.Paid {
		taken = c.AmountCents
	}
	return taken, c.RefundedCents
}

// tell makes a notice of every charge that has news, and names those that are paid now.
func (b *bank) tell() (paid []string) {
	for _, reference := range b.charges {
		status := b.look(reference).Status
		if status == b.seen[reference] {
			continue
		}
		b.seen[reference] = status
		if status == payment.Pending || status == payment.Paid || status == payment.Declined {
			b.sent++
			b.notices = append(b.notices, bankNotice{fmt.Sprintf("notice %d", b.sent), reference})
		}
		if status == payment.Paid {
			paid = append(paid, reference)
		}
	}
	return paid
}

// roleGateway is the sandbox gateway in the hands of a role.
type roleGateway struct {
	payment.Gateway
	role *role
	shop *moneyShop
}

// errAwayBank says that the provider did not answer.
var errAwayBank = errors.New("the provider does not answer")

func called[T any](g roleGateway, call func() (T, error)) (answer T, err error) {
	err = g.role.make(func() error {
		if g.shop.bank.away {
			return errAwayBank
		}
		answer, err = call()
		return err
	})
	if errors.Is(err, errCut) || errors.Is(err, errAwayBank) {
		g.shop.bank.trouble.Store(true)
		var none T
		return none, err
	}
	return answer, err
}

func (g roleGateway) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	return called(g, func() (payment.Charge, error) {
		made, err := g.Gateway.Create(ctx, c)
		if err == nil && !slices.Contains(g.shop.bank.charges, c.Reference) {
			g.shop.bank.charges = append(g.shop.bank.charges, c.Reference)
		}
		return made, err
	})
}

func (g roleGateway) Get(ctx context.Context, id string) (payment.Charge, error) {
	return called(g, func() (payment.Charge, error) { return g.Gateway.Get(ctx, id) })
}

func (g roleGateway) Find(ctx context.Context, reference string, near time.Time) (payment.Charge, error) {
	return called(g, func() (payment.Charge, error) { return g.Gateway.Find(ctx, reference, near) })
}

func (g roleGateway) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	return called(g, func() (payment.Charge, error) { return g.Gateway.Cancel(ctx, id) })
}

func (g roleGateway) Refund(ctx context.Context, n payment.NewRefund) (payment.Refund, error) {
	return called(g, func() (payment.Refund, error) {
		if before, known := g.shop.bank.refunds[n.Key]; known && (before.ChargeID != n.ChargeID || before.AmountCents != n.AmountCents) {
			g.shop.bank.wrong = errors.New("a refund was asked again with another amount or of another charge")
		}
		g.shop.bank.refunds[n.Key] = n
		done, err := g.Gateway.Refund(ctx, n)
		if errors.Is(err, payment.ErrRefused) {
			g.shop.bank.refused[n.Key] = true
		}
		return done, err
	})
}
