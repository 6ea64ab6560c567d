// Package stripe is the gateway to Stripe.
package stripe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	sdk "github.com/stripe/stripe-go/v86"

	"guiche/payment"
)

const (
	// spare is added to a charge's deadline, as Stripe lets a session live for at least half an hour. It is added to
	// every one, so that a repeated Create asks for the very same and not for half an hour from then.
	spare = 31 * time.Minute
	// longest is how long a session may live. It is Stripe's own choice if none is asked for.
	longest = 24 * time.Hour
	// findSpan and findMost bound where a session is looked for: so long after it was asked for first, among so many.
	findSpan = 15 * time.Minute
	findMost = 3000
	// clockSlack is how far the clocks of both sides may be apart.
	clockSlack = 5 * time.Minute
	// leastCents is the least that Stripe takes in reais.
	leastCents = 50

	// Our ids in the metadata of what we make.
	referenceKey = "guiche_charge"
	refundKey    = "guiche_refund"
)

// Config says how Stripe is reached.
type Config struct {
	SecretKey     string
	WebhookSecret string // signs notices
	BaseURL       string // of the API; Stripe's own if empty
}

// Gateway speaks with Stripe: a charge is a Checkout Session on which a card is taken.
type Gateway struct {
	api           *sdk.Client
	webhookSecret string
	now           func() time.Time
	most          int // sessions that Find looks through
}

var _ payment.Gateway = (*Gateway)(nil)

// New makes a gateway that speaks with Stripe's API, or with the one at BaseURL.
func New(c Config) *Gateway {
	config := &sdk.BackendConfig{
		HTTPClient:        payment.NewClient(),
		EnableTelemetry:   sdk.Bool(false),
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull}, // errors are returned, and who calls logs them
		MaxNetworkRetries: sdk.Int64(1),                             // with the same idempotency key
	}
	if c.BaseURL != "" {
		config.URL = sdk.String(c.BaseURL)
	}
	return &Gateway{
		api:           sdk.NewClient(c.SecretKey, sdk.WithBackends(sdk.NewBackendsWithConfig(config))),
		webhookSecret: c.WebhookSecret,
		now:           time.Now,
		most:          findMost,
	}
}

// Name is "stripe".
func (s *Gateway) Name() string { return "stripe" }

// Methods are none: Stripe's page takes cards.
func (s *Gateway) Methods() []payment.Method { return nil }

// Bounds are those of reais; a shop that sells in another currency finds out about its least amount at Stripe.
func (s *Gateway) Bounds(currency string) (payment.Bounds, bool) {
	if currency == "BRL" {
		return payment.Bounds{LeastCents: leastCents}, true
	}
	return payment.Bounds{LeastCents: 1}, true
}

// Create makes a Checkout Session, or finds the one with the same reference. Charge.ExpiresAt is later than asked for.
func (s *Gateway) Create(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	if err := n.Check(); err != nil {
		return payment.Charge{}, err
	}
	if n.Method == payment.Pix {
		return payment.Charge{}, payment.Refuse(payment.ReasonMethod, "stripe: no Pix")
	}
	if !n.ExpiresAt.After(s.now()) { // nobody may pay it any more, but it may have been made in time
		return s.made(ctx, n)
	}
	session, err := s.api.V1CheckoutSessions.Create(ctx, s.newSession(n))
	switch {
	case keyUsed(err): // with another description, language or amount
		return s.made(ctx, n)
	case err != nil:
		return payment.Charge{}, safeError(err)
	case session.LastResponse.Header.Get("Idempotent-Replayed") == "true": // the answer is what was true then
		return s.Get(ctx, session.ID)
	}
	return s.readCharge(ctx, session)
}

func (s *Gateway) newSession(n payment.NewCharge) *sdk.CheckoutSessionCreateParams {
	metadata := map[string]string{referenceKey: n.Reference}
	params := &sdk.CheckoutSessionCreateParams{
		Mode:               sdk.String(sdk.CheckoutSessionModePayment),
		PaymentMethodTypes: sdk.StringSlice([]string{"card"}),
		LineItems: []*sdk.CheckoutSessionCreateLineItemParams{{
			Quantity: sdk.Int64(1),
			PriceData: &sdk.CheckoutSessionCreateLineItemPriceDataParams{
				Currency:    sdk.String(strings.ToLower(n.Currency)),
				UnitAmount:  sdk.Int64(n.AmountCents),
				ProductData: &sdk.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: sdk.String(n.Description)},
			},
		}},
		ClientReferenceID: sdk.String(n.Reference),
		Metadata:          metadata,
		PaymentIntentData: &sdk.CheckoutSessionCreatePaymentIntentDataParams{Metadata: metadata},
		SuccessURL:        sdk.String(n.ReturnURL),
		CancelURL:         sdk.String(n.ReturnURL),
		Locale:            sdk.String(locale(n.Language)),
	}
	if deadline := n.ExpiresAt.Add(spare); deadline.Before(s.now().Add(longest)) {
		params.ExpiresAt = sdk.Int64(deadline.Unix())
	}
	params.SetIdempotencyKey(n.Reference)
	return params
}

// locales are what Stripe calls the languages that its page speaks, as far as shops in Brazil may come to need them.
var locales = map[string]string{"pt": "pt-BR", "en": "en", "es": "es", "fr": "fr", "de": "de", "it": "it", "ja": "ja"}

// locale is that of a language; for any other one Stripe asks the payer's browser.
func locale(language string) string {
	primary, _, _ := strings.Cut(language, "-")
	return cmp.Or(locales[primary], "auto")
}

// made finds what an earlier Create of the same charge has made.
func (s *Gateway) made(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	c, err := s.find(ctx, n.Reference, s.now().Add(-longest), s.now(), math.MaxInt)
	switch {
	case errors.Is(err, payment.ErrNotFound):
		return payment.Charge{}, fmt.Errorf("%w: stripe: a charge that is not there can not be made now", payment.ErrRefused)
	case err != nil:
		return payment.Charge{}, err
	}
	return c.Answering(n)
}

// Get reads a session. It may also be asked for a payment intent, as notices of disputes name nothing else.
func (s *Gateway) Get(ctx context.Context, id string) (payment.Charge, error) {
	if intentID.MatchString(id) {
		return s.ofIntent(ctx, id)
	}
	session, err := s.session(ctx, id)
	if err != nil {
		return payment.Charge{}, err
	}
	return s.readCharge(ctx, session)
}

// sessionID is what Stripe calls a session; nothing else is asked for, as it would mean another place of the API.
var sessionID = regexp.MustCompile(`^cs_[A-Za-z0-9_]{1,200}$`)

// intentID is what Stripe calls a payment intent.
var intentID = regexp.MustCompile(`^pi_[A-Za-z0-9_]{1,200}$`)

// ofIntent reads the session of a payment intent.
func (s *Gateway) ofIntent(ctx context.Context, id string) (payment.Charge, error) {
	params := &sdk.CheckoutSessionListParams{PaymentIntent: sdk.String(id)}
	for session, err := range s.api.V1CheckoutSessions.List(ctx, params).All(ctx) {
		if err != nil {
			return payment.Charge{}, safeError(err)
		}
		return s.Get(ctx, session.ID)
	}
	return payment.Charge{}, payment.ErrNotFound
}

func (s *Gateway) session(ctx context.Context, id string) (*sdk.CheckoutSession, error) {
	if !sessionID.MatchString(id) {
		return nil, payment.ErrNotFound
	}
	params := &sdk.CheckoutSessionRetrieveParams{}
	params.AddExpand("payment_intent.latest_charge")
	session, err := s.api.V1CheckoutSessions.Retrieve(ctx, id, params)
	if err != nil {
		return nil, safeError(err)
	}
	return session, nil
}

// Find looks through the sessions that were made around a moment: Stripe lists them by time alone. It gives up among too
// many, as in a rush: the answer to such a session was lost, so nobody knows its address and can pay it.
func (s *Gateway) Find(ctx context.Context, reference string, near time.Time) (payment.Charge, error) {
	return s.find(ctx, reference, near, near.Add(findSpan), s.most)
}

func (s *Gateway) find(ctx context.Context, reference string, from, to time.Time, most int) (payment.Charge, error) {
	if reference == "" {
		return payment.Charge{}, payment.ErrNotFound
	}
	params := &sdk.CheckoutSessionListParams{CreatedRange: &sdk.RangeQueryParams{
		GreaterThanOrEqual: from.Add(-clockSlack).Unix(), LesserThanOrEqual: to.Add(clockSlack).Unix(),
	}}
	params.Limit = sdk.Int64(100)
	seen := 0
	for session, err := range s.api.V1CheckoutSessions.List(ctx, params).All(ctx) {
		if err != nil {
			return payment.Charge{}, safeError(err)
		}
		if session.ClientReferenceID == reference {
			return s.Get(ctx, session.ID)
		}
		if seen++; seen == most {
			break
		}
	}
	return payment.Charge{}, payment.ErrNotFound
}

// Cancel expires a session that is still open and returns what is true now.
func (s *Gateway) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	if !sessionID.MatchString(id) {
		return payment.Charge{}, payment.ErrNotFound
	}
	_, err := s.api.V1CheckoutSessions.Expire(ctx, id, nil)
	if err = safeError(err); err != nil && !errors.Is(err, payment.ErrRefused) { // one that is not open is refused
		return payment.Charge{}, err
	}
	return s.Get(ctx, id)
}

// readCharge reads a session as a charge. A declined card leaves it open: the payer may try another one.
func (s *Gateway) readCharge(ctx context.Context, session *sdk.CheckoutSession) (payment.Charge, error) {
	c := payment.Charge{
		ID:          session.ID,
		Reference:   session.ClientReferenceID,
		AmountCents: session.AmountTotal,
		Currency:    strings.ToUpper(string(session.Currency)),
		PayURL:      session.URL,
		ExpiresAt:   time.Unix(session.ExpiresAt, 0).UTC(),
	}
	intent := session.PaymentIntent
	switch {
	case session.ID == "":
		return payment.Charge{}, errAnswer
	case session.PaymentStatus == sdk.CheckoutSessionPaymentStatusPaid:
		c.Status = payment.Paid
		if intent == nil { // what was not paid through an intent is not ours
			return payment.Charge{}, errAnswer
		}
		c.AmountCents = intent.AmountReceived
		if intent.LatestCharge != nil {
			c.RefundedCents = intent.LatestCharge.AmountRefunded
			if intent.LatestCharge.Disputed {
				if err := s.readDisputes(ctx, intent.ID, &c); err != nil {
					return payment.Charge{}, err
				}
			}
		}
	case session.Status == sdk.CheckoutSessionStatusOpen:
		c.Status = payment.Open
	case session.Status == sdk.CheckoutSessionStatusExpired:
		c.Status = payment.Cancelled
	case session.Status != sdk.CheckoutSessionStatusComplete:
		return payment.Charge{}, errAnswer
	case intent != nil && (intent.Status == sdk.PaymentIntentStatusCanceled || intent.Status == sdk.PaymentIntentStatusRequiresPaymentMethod):
		c.Status = payment.Declined
	default:
		c.Status = payment.Pending
	}
	return c, nil
}
