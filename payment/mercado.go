package payment

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
)

// MercadoPagoOrigin is where Mercado Pago's page is.
const MercadoPagoOrigin = "https://www.mercadopago.com.br"

// MercadoPagoConfig says how Mercado Pago is reached.
type MercadoPagoConfig struct {
	AccessToken   string
	WebhookSecret string       // signs notices
	BaseURL       string       // of the API; Mercado Pago's own if empty
	Log           *slog.Logger // slog.Default if nil
}

// MercadoPago is the gateway to Mercado Pago of Brazil. A charge by Pix is one of its payments; a charge by card is a
// preference, which is a page where a payer may try several payments.
type MercadoPago struct {
	payments      mercado.Client
	preferences   preference.Client
	refunds       refund.Client
	webhookSecret string
	log           *slog.Logger
	now           func() time.Time
}

var _ Gateway = (*MercadoPago)(nil)

// NewMercadoPago speaks with Mercado Pago's API, or with the one at BaseURL.
func NewMercadoPago(c MercadoPagoConfig) (*MercadoPago, error) {
	road := &mercadoRoad{client: newClient()}
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
	return &MercadoPago{
		payments:      mercado.NewClient(sdk),
		preferences:   preference.NewClient(sdk),
		refunds:       refund.NewClient(sdk),
		webhookSecret: c.WebhookSecret,
		log:           c.Log,
		now:           time.Now,
	}, nil
}

// mercadoRoad carries the library's requests. Unlike the library's own it tries nothing again: who calls knows better.
type mercadoRoad struct {
	client *http.Client
	base   *url.URL
}

// Do sends one request.
func (r *mercadoRoad) Do(req *http.Request) (*http.Response, error) {
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
func (m *MercadoPago) Name() string { return "mercadopago" }

// Methods are Pix and card.
func (m *MercadoPago) Methods() []Method { return []Method{Pix, Card} }

// Create makes a Pix payment or a preference, or finds what the same reference has made. It looks before it makes one:
// idempotency keys are forgotten, and preferences know none.
func (m *MercadoPago) Create(ctx context.Context, n NewCharge) (Charge, error) {
	if err := n.check(); err != nil {
		return Charge{}, err
	}
	if n.Currency != "BRL" || n.Method != Pix && n.Method != Card {
		return Charge{}, fmt.Errorf("%w: mercadopago: %s by %q", ErrRefused, n.Currency, n.Method)
	}
	c, err := m.find(ctx, n.Reference)
	switch {
	case err == nil:
		return c.answering(n)
	case !errors.Is(err, ErrNotFound):
		return Charge{}, err
	case !n.ExpiresAt.After(m.now()):
		return Charge{}, fmt.Errorf("%w: mercadopago: nobody could pay in time", ErrRefused)
	case n.Method == Pix:
		return m.createPix(ctx, n)
	}
	return m.createPreference(ctx, n)
}

// mercadoNoticeURL asks for signed notices: the older kind, which is sent otherwise, has no signature. An address that
// is not public is refused; a shop that tries things out has none, and hears nothing.
func mercadoNoticeURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	query := u.Query()
	query.Set("source_news", "webhooks")
	u.RawQuery = query.Encode()
	return u.String()
}

// mercadoZone and the millisecond write a moment as Mercado Pago's own examples do.
var mercadoZone = time.FixedZone("", -3*60*60)

func mercadoTime(t time.Time) *time.Time {
	t = t.Truncate(time.Second).Add(time.Millisecond).In(mercadoZone)
	return &t
}

// The ids of charges tell the two kinds apart.
const (
	mercadoPaymentID    = "payment-"
	mercadoPreferenceID = "preference-"
)

// plainID is how Mercado Pago calls a preference; nothing else is asked for.
var plainID = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// kindOf reads an id of a charge: a payment's number, or what a preference is called.
func (m *MercadoPago) kindOf(id string) (payment int, preference string, err error) {
	if number, ok := strings.CutPrefix(id, mercadoPaymentID); ok {
		if payment, err = mercadoNumber(number); err != nil {
			return 0, "", ErrNotFound
		}
		return payment, "", nil
	}
	name, ok := strings.CutPrefix(id, mercadoPreferenceID)
	if !ok || !plainID.MatchString(name) {
		return 0, "", ErrNotFound
	}
	return 0, name, nil
}

// mercadoNumber reads the number of a payment, of which there is one spelling.
func mercadoNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || strconv.Itoa(n) != s {
		return 0, errors.New("not the number of a payment")
	}
	return n, nil
}

// Get reads a charge. It may also be asked for one payment of a preference, as notices name no other.
func (m *MercadoPago) Get(ctx context.Context, id string) (Charge, error) {
	payment, preference, err := m.kindOf(id)
	if err != nil {
		return Charge{}, err
	}
	if preference == "" {
		return m.getPayment(ctx, payment)
	}
	return m.getPreference(ctx, preference)
}

// Find reads a charge by our reference.
func (m *MercadoPago) Find(ctx context.Context, reference string, _ time.Time) (Charge, error) {
	return m.find(ctx, reference)
}

func (m *MercadoPago) find(ctx context.Context, reference string) (Charge, error) {
	if reference == "" {
		return Charge{}, ErrNotFound
	}
	preference, err := m.findPreference(ctx, reference)
	if err == nil {
		return m.getPreference(ctx, preference)
	}
	if !errors.Is(err, ErrNotFound) {
		return Charge{}, err
	}
	return m.findPix(ctx, reference)
}

// Cancel ends an open charge and returns what is true now.
func (m *MercadoPago) Cancel(ctx context.Context, id string) (Charge, error) {
	payment, preference, err := m.kindOf(id)
	if err != nil {
		return Charge{}, err
	}
	if preference == "" {
		err = m.cancelPayment(ctx, payment)
	} else {
		err = m.expirePreference(ctx, preference)
	}
	if err != nil {
		return Charge{}, err
	}
	return m.Get(ctx, id)
}
