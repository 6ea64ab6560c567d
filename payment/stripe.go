package payment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v86"
)

const (
	// stripeSpare is added to a charge's deadline, as Stripe lets a session live for at least half an hour. It is added to
	// every one, so that a repeated Create asks for the very same and not for half an hour from then.
	stripeSpare = 31 * time.Minute
	// stripeLongest is how long a session may live. It is Stripe's own choice if none is asked for.
	stripeLongest = 24 * time.Hour
	// stripeNear and stripeMost bound where a session is looked for: so long after it was asked for first, among so many.
	stripeNear = 15 * time.Minute
	stripeMost = 3000

	// Our ids in the metadata of what we make.
	stripeReference = "guiche_charge"
	stripeRefundKey = "guiche_refund"
)

// StripeOrigin is where Stripe's page is.
const StripeOrigin = "https://checkout.stripe.com"

// StripeConfig says how Stripe is reached.
type StripeConfig struct {
	SecretKey     string
	WebhookSecret string // signs notices
	BaseURL       string // of the API; Stripe's own if empty
}

// Stripe is the gateway to Stripe: a charge is a Checkout Session on which a card is taken.
type Stripe struct {
	api           *stripe.Client
	webhookSecret string
	now           func() time.Time
	most          int // sessions that Find looks through
}

var _ Gateway = (*Stripe)(nil)

// NewStripe speaks with Stripe's API, or with the one at BaseURL.
func NewStripe(c StripeConfig) *Stripe {
	config := &stripe.BackendConfig{
		HTTPClient:        newClient(),
		EnableTelemetry:   stripe.Bool(false),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull}, // errors are returned, and who calls logs them
		MaxNetworkRetries: stripe.Int64(1),                                // with the same idempotency key
	}
	if c.BaseURL != "" {
		config.URL = stripe.String(c.BaseURL)
	}
	return &Stripe{
		api:           stripe.NewClient(c.SecretKey, stripe.WithBackends(stripe.NewBackendsWithConfig(config))),
		webhookSecret: c.WebhookSecret,
		now:           time.Now,
		most:          stripeMost,
	}
}

// Name is "stripe".
func (s *Stripe) Name() string { return "stripe" }

// Methods are none: Stripe's page takes cards.
func (s *Stripe) Methods() []Method { return nil }

// Create makes a Checkout Session, or finds the one with the same reference. Charge.ExpiresAt is later than asked for.
func (s *Stripe) Create(ctx context.Context, n NewCharge) (Charge, error) {
	if err := n.check(); err != nil {
		return Charge{}, err
	}
	if n.Method == Pix {
		return Charge{}, fmt.Errorf("%w: stripe: no Pix", ErrRefused)
	}
	if !n.ExpiresAt.After(s.now()) { // nobody may pay it any more, but it may have been made in time
		return s.made(ctx, n)
	}
	session, err := s.api.V1CheckoutSessions.Create(ctx, s.newSession(n))
	switch {
	case stripeKeyUsed(err): // with another description, language or amount
		return s.made(ctx, n)
	case err != nil:
		return Charge{}, stripeError(err)
	case session.LastResponse.Header.Get("Idempotent-Replayed") == "true": // the answer is what was true then
		return s.Get(ctx, session.ID)
	}
	return stripeCharge(session)
}

func (s *Stripe) newSession(n NewCharge) *stripe.CheckoutSessionCreateParams {
	metadata := map[string]string{stripeReference: n.Reference}
	params := &stripe.CheckoutSessionCreateParams{
		Mode:               stripe.String(stripe.CheckoutSessionModePayment),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency:    stripe.String(strings.ToLower(n.Currency)),
				UnitAmount:  stripe.Int64(n.AmountCents),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(n.Description)},
			},
		}},
		ClientReferenceID: stripe.String(n.Reference),
		Metadata:          metadata,
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{Metadata: metadata},
		SuccessURL:        stripe.String(n.ReturnURL),
		CancelURL:         stripe.String(n.ReturnURL),
		Locale:            stripe.String(stripeLocale(n.Language)),
	}
	if deadline := n.ExpiresAt.Add(stripeSpare); deadline.Before(s.now().Add(stripeLongest)) {
		params.ExpiresAt = stripe.Int64(deadline.Unix())
	}
	params.SetIdempotencyKey(n.Reference)
	return params
}

func stripeLocale(language string) string {
	switch primary, _, _ := strings.Cut(language, "-"); primary {
	case "pt":
		return "pt-BR"
	case "en":
		return "en"
	}
	return "auto"
}

// made finds what an earlier Create of the same charge has made.
func (s *Stripe) made(ctx context.Context, n NewCharge) (Charge, error) {
	c, err := s.find(ctx, n.Reference, s.now().Add(-stripeLongest), s.now(), math.MaxInt)
	switch {
	case errors.Is(err, ErrNotFound):
		return Charge{}, fmt.Errorf("%w: stripe: a charge that is not there can not be made now", ErrRefused)
	case err != nil:
		return Charge{}, err
	}
	return c.answering(n)
}

// Get reads a session.
func (s *Stripe) Get(ctx context.Context, id string) (Charge, error) {
	session, err := s.session(ctx, id)
	if err != nil {
		return Charge{}, err
	}
	return stripeCharge(session)
}

// sessionID is what Stripe calls a session; nothing else is asked for, as it would mean another place of the API.
var sessionID = regexp.MustCompile(`^cs_[A-Za-z0-9_]{1,200}$`)

func (s *Stripe) session(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	if !sessionID.MatchString(id) {
		return nil, ErrNotFound
	}
	params := &stripe.CheckoutSessionRetrieveParams{}
	params.AddExpand("payment_intent.latest_charge")
	session, err := s.api.V1CheckoutSessions.Retrieve(ctx, id, params)
	if err != nil {
		return nil, stripeError(err)
	}
	return session, nil
}

// Find looks through the sessions that were made around a moment: Stripe lists them by time alone. It gives up among too
// many, as in a rush: the answer to such a session was lost, so nobody knows its address and can pay it.
func (s *Stripe) Find(ctx context.Context, reference string, near time.Time) (Charge, error) {
	return s.find(ctx, reference, near, near.Add(stripeNear), s.most)
}

func (s *Stripe) find(ctx context.Context, reference string, from, to time.Time, most int) (Charge, error) {
	if reference == "" {
		return Charge{}, ErrNotFound
	}
	params := &stripe.CheckoutSessionListParams{CreatedRange: &stripe.RangeQueryParams{
		GreaterThanOrEqual: from.Add(-signatureWindow).Unix(), LesserThanOrEqual: to.Add(signatureWindow).Unix(),
	}}
	params.Limit = stripe.Int64(100)
	seen := 0
	for session, err := range s.api.V1CheckoutSessions.List(ctx, params).All(ctx) {
		if err != nil {
			return Charge{}, stripeError(err)
		}
		if session.ClientReferenceID == reference {
			return s.Get(ctx, session.ID)
		}
		if seen++; seen == most {
			break
		}
	}
	return Charge{}, ErrNotFound
}

// Cancel expires a session that is still open and returns what is true now.
func (s *Stripe) Cancel(ctx context.Context, id string) (Charge, error) {
	if !sessionID.MatchString(id) {
		return Charge{}, ErrNotFound
	}
	_, err := s.api.V1CheckoutSessions.Expire(ctx, id, nil)
	if err = stripeError(err); err != nil && !errors.Is(err, ErrRefused) { // one that is not open is refused
		return Charge{}, err
	}
	return s.Get(ctx, id)
}

// stripeCharge reads a session as a charge. A declined card leaves it open: the payer may try another one.
func stripeCharge(session *stripe.CheckoutSession) (Charge, error) {
	c := Charge{
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
		return Charge{}, errStripeAnswer
	case session.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		c.Status = Paid
		if intent == nil { // what was not paid through an intent is not ours
			return Charge{}, errStripeAnswer
		}
		c.AmountCents = intent.AmountReceived
		if intent.LatestCharge != nil {
			c.RefundedCents = intent.LatestCharge.AmountRefunded
		}
	case session.Status == stripe.CheckoutSessionStatusOpen:
		c.Status = Open
	case session.Status == stripe.CheckoutSessionStatusExpired:
		c.Status = Cancelled
	case session.Status != stripe.CheckoutSessionStatusComplete:
		return Charge{}, errStripeAnswer
	case intent != nil && (intent.Status == stripe.PaymentIntentStatusCanceled || intent.Status == stripe.PaymentIntentStatusRequiresPaymentMethod):
		c.Status = Declined
	default:
		c.Status = Pending
	}
	return c, nil
}
