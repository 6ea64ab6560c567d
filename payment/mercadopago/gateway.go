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
	road          *requester
	token         string
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
		road:          road,
		token:         c.AccessToken,
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

// leastCents is the least that cards are taken for.
const leastCents = 50

// refundDays is how long after a payment Mercado Pago sends it back.
const refundDays = 180

// Bounds are those of reais.
func (m *Gateway) Bounds(currency string) (payment.Bounds, bool) {
	return payment.Bounds{LeastCents: leastCents, RefundDays: refundDays}, currency == "BRL"
}

// Create makes a Pix payment or a preference, or finds what the same reference has made. Unless it is asked for the first
// time it looks before it makes one: idempotency keys are forgotten, and preferences know none.
func (m *Gateway) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	if err := n.Check(); err != nil {
		return payment.Charge{}, err
	}
	if n.Currency != "BRL" {
		return payment.Charge{}, payment.Refuse(payment.ReasonCurrency, "mercadopago: %s", n.Currency)
	}
	create := m.createPix
	switch n.Method {
	case payment.Pix:
	case payment.Card:
		create = m.createPreference
	default:
		return payment.Charge{}, payment.Refuse(payment.ReasonMethod, "mercadopago: %q", n.Method)
	}
	if !n.First {
		c, err := m.Find(ctx, n.Reference, n.ExpiresAt)
		if err == nil {
			return c.Answering(n)
		}
		if !errors.Is(err, payment.ErrNotFound) {
			return payment.Charge{}, err
		}
	}
	if !n.ExpiresAt.After(m.now()) {
		return payment.Charge{}, fmt.Errorf("%w: mercadopago: nobody could pay in time", payment.ErrRefused)
	}
	return create(ctx, n)
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

// The ids of charges tell the kinds apart. The id of a payment may end in the page on which it was made.
const (
	paymentPrefix    = "payment-"
	preferencePrefix = "preference-"
	chargebackPrefix = "chargeback-"
	pageBreak        = "/"
)

// plainID is how Mercado Pago calls a preference; nothing else is asked for.
var plainID = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)

// subject is what an id means: a payment, a page, or a payment that was made on a page.
type subject struct {
	payment    int
	preference string
}

// subjectOf reads an id of a charge.
func subjectOf(id string) (s subject, err error) {
	name, isPage := strings.CutPrefix(id, preferencePrefix)
	if text, ok := strings.CutPrefix(id, paymentPrefix); ok {
		text, name, isPage = strings.Cut(text, pageBreak)
		if s.payment, err = paymentNumber(text); err != nil {
			return subject{}, payment.ErrNotFound
		}
		if !isPage {
			return s, nil
		}
	}
	if !isPage || !plainID.MatchString(name) {
		return subject{}, payment.ErrNotFound
	}
	s.preference = name
	return s, nil
}

// paymentNumber reads the number of a payment, of which there is one spelling.
func paymentNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || strconv.Itoa(n) != s {
		return 0, errors.New("not the number of a payment")
	}
	return n, nil
}

// Get reads a charge. It may also be asked for one payment of a page, or for a chargeback, as notices name nothing else:
// unlike the search a payment tells at once what became of it.
func (m *Gateway) Get(ctx context.Context, id string) (payment.Charge, error) {
	if name, ok := strings.CutPrefix(id, chargebackPrefix); ok {
		number, err := m.chargedBack(ctx, name)
		if err != nil {
			return payment.Charge{}, err
		}
		id = paymentPrefix + strconv.Itoa(number)
	}
	about, err := subjectOf(id)
	if err != nil {
		return payment.Charge{}, err
	}
	if about.payment == 0 {
		return m.getPreference(ctx, about.preference)
	}
	p, err := m.payment(ctx, about.payment)
	switch {
	case err != nil:
		return payment.Charge{}, err
	case about.preference != "":
		return m.getPaid(ctx, about.preference, p)
	case p.PaymentMethodID == "pix":
		return paymentCharge(p)
	}
	page, err := m.findPreference(ctx, p.ExternalReference)
	if errors.Is(err, payment.ErrNotFound) {
		return paymentCharge(p)
	}
	if err != nil {
		return payment.Charge{}, err
	}
	return m.getTry(ctx, page, p)
}

// Find reads a charge by our reference.
func (m *Gateway) Find(ctx context.Context, reference string, _ time.Time) (payment.Charge, error) {
	c, err := m.findCard(ctx, reference)
	if errors.Is(err, payment.ErrNotFound) {
		return m.findPix(ctx, reference)
	}
	return c, err
}

// Cancel ends an open charge and returns what is true now. A page that Mercado Pago does not want to close ends by itself
// soon: what is paid on it until then comes late.
func (m *Gateway) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	about, err := subjectOf(id)
	if err != nil {
		return payment.Charge{}, err
	}
	if about.preference == "" {
		if err := m.cancelPayment(ctx, about.payment); err != nil {
			return payment.Charge{}, err
		}
		return m.Get(ctx, id)
	}
	if err := m.closePage(ctx, about.preference); err != nil {
		return payment.Charge{}, err
	}
	c, err := m.Get(ctx, id)
	if err == nil && c.Status == payment.Open {
		c.Status = payment.Cancelled
	}
	return c, err
}
