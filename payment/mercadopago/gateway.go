// Package mercadopago is the gateway to Mercado Pago of Brazil.
package mercadopago

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mercadopago/sdk-go/pkg/config"
	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/preference"
	"github.com/mercadopago/sdk-go/pkg/refund"

	"guiche/payment"
)

// Origin is where Mercado Pago's page is.
const Origin = "https://www.mercadopago.com.br"

// Config says how Mercado Pago is reached.
type Config struct {
	AccessToken   string
	WebhookSecret string       // signs notices
	BaseURL       string       // of the API; Mercado Pago's own if empty
	Log           *slog.Logger // slog.Default if nil
}

// Gateway speaks with Mercado Pago. A charge by Pix is one of its payments; a charge by card is a
// preference, which is a page where a payer may try several payments.
type Gateway struct {
	payments      mercado.Client
	preferences   preference.Client
	refunds       refund.Client
	webhookSecret string
	log           *slog.Logger
	now           func() time.Time
}

var _ payment.Gateway = (*Gateway)(nil)

// New makes a gateway that speaks with Mercado Pago's API, or with the one at BaseURL.
func New(c Config) (*Gateway, error) {
	road := &requester{client: payment.NewClient()}
	if c.BaseURL != "" {
		base, err := url.Parse(c.BaseURL)
		if err != nil || base.Host == "" {
			return nil, errors.New("payment: mercadopago: the base URL is not an address")
		}
		road.base = base
	}
	sdk, err := config.New(c.AccessToken, config.WithHTTPClient(road))
	if err != nil {
		return nil, fmt.Errorf("payment: mercadopago: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Gateway{
		payments:      mercado.NewClient(sdk),
		preferences:   preference.NewClient(sdk),
		refunds:       refund.NewClient(sdk),
		webhookSecret: c.WebhookSecret,
		log:           c.Log,
		now:           time.Now,
	}, nil
}

// requester carries the library's requests. Unlike the library's own it tries nothing again: who calls knows better.
type requester struct {
	client *http.Client
	base   *url.URL
}

// Do sends one request.
func (r *requester) Do(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if r.base != nil {
		req.URL.Scheme, req.URL.Host, req.Host = r.base.Scheme, r.base.Host, ""
	}
	if strings.HasSuffix(req.URL.Path, "/refunds") {
		req.Header.Set("X-Render-In-Process-Refunds", "true") // else one that takes its time is called a bad request
	}
	return r.client.Do(req)
}

// Name is "mercadopago".
func (m *Gateway) Name() string { return "mercadopago" }

// Methods are Pix and card.
func (m *Gateway) Methods() []payment.Method { return []payment.Method{payment.Pix, payment.Card} }

// Create makes a Pix payment or a preference, or finds what the same reference has made. It looks before it makes one:
// idempotency keys are forgotten, and preferences know none.
func (m *Gateway) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	if err := n.Check(); err != nil {
		return payment.Charge{}, err
	}
	if n.Currency != "BRL" || n.Method != payment.Pix && n.Method != payment.Card {
		return payment.Charge{}, fmt.Errorf("%w: mercadopago: %s by %q", payment.ErrRefused, n.Currency, n.Method)
	}
	c, err := m.find(ctx, n.Reference)
	switch {
	case err == nil:
		return c.Answering(n)
	case !errors.Is(err, payment.ErrNotFound):
		return payment.Charge{}, err
	case !n.ExpiresAt.After(m.now()):
		return payment.Charge{}, fmt.Errorf("%w: mercadopago: nobody could pay in time", payment.ErrRefused)
	case n.Method == payment.Pix:
		return m.createPix(ctx, n)
	}
	return m.createPreference(ctx, n)
}

// signedNoticeURL asks for signed notices: the older kind, which is sent otherwise, has no signature. An address that
// is not public is refused; a shop that tries things out has none, and hears nothing.
func signedNoticeURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	query := u.Query()
	query.Set("source_news", "webhooks")
	u.RawQuery = query.Encode()
	return u.String()
}

// zone and the millisecond write a moment as Mercado Pago's own examples do.
var zone = time.FixedZone("", -3*60*60)

func writeTime(t time.Time) *time.Time {
	t = t.Truncate(time.Second).Add(time.Millisecond).In(zone)
	return &t
}

// The ids of charges tell the two kinds apart.
const (
	paymentPrefix    = "payment-"
	preferencePrefix = "preference-"
)

// plainID is how Mercado Pago calls a preference; nothing else is asked for.
var plainID = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// kindOf reads an id of a charge: a payment's number, or what a preference is called.
func (m *Gateway) kindOf(id string) (number int, preference string, err error) {
	if digits, ok := strings.CutPrefix(id, paymentPrefix); ok {
		if number, err = paymentNumber(digits); err != nil {
			return 0, "", payment.ErrNotFound
		}
		return number, "", nil
	}
	name, ok := strings.CutPrefix(id, preferencePrefix)
	if !ok || !plainID.MatchString(name) {
		return 0, "", payment.ErrNotFound
	}
	return 0, name, nil
}

// paymentNumber reads the number of a payment, of which there is one spelling.
func paymentNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || strconv.Itoa(n) != s {
		return 0, errors.New("not the number of a payment")
	}
	return n, nil
}

// Get reads a charge. It may also be asked for one payment of a preference, as notices name no other.
func (m *Gateway) Get(ctx context.Context, id string) (payment.Charge, error) {
	number, preference, err := m.kindOf(id)
	if err != nil {
		return payment.Charge{}, err
	}
	if preference == "" {
		return m.getPayment(ctx, number)
	}
	return m.getPreference(ctx, preference)
}

// Find reads a charge by our reference.
func (m *Gateway) Find(ctx context.Context, reference string, _ time.Time) (payment.Charge, error) {
	return m.find(ctx, reference)
}

func (m *Gateway) find(ctx context.Context, reference string) (payment.Charge, error) {
	if reference == "" {
		return payment.Charge{}, payment.ErrNotFound
	}
	preference, err := m.findPreference(ctx, reference)
	if err == nil {
		return m.getPreference(ctx, preference)
	}
	if !errors.Is(err, payment.ErrNotFound) {
		return payment.Charge{}, err
	}
	return m.findPix(ctx, reference)
}

// Cancel ends an open charge and returns what is true now.
func (m *Gateway) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	number, preference, err := m.kindOf(id)
	if err != nil {
		return payment.Charge{}, err
	}
	if preference == "" {
		err = m.cancelPayment(ctx, number)
	} else {
		err = m.expirePreference(ctx, preference)
	}
	if err != nil {
		return payment.Charge{}, err
	}
	return m.Get(ctx, id)
}
