package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/stripe/stripe-go/v86"
)

// Refund sends money of a paid session back, once per key. Stripe forgets idempotency keys after a day, so the key is
// also looked for in what was refunded before.
func (s *Stripe) Refund(ctx context.Context, r NewRefund) (Refund, error) {
	session, err := s.session(ctx, r.ChargeID)
	if err != nil {
		return Refund{}, err
	}
	if err := r.check(); err != nil {
		return Refund{}, err
	}
	if session.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid || session.PaymentIntent == nil {
		return Refund{}, fmt.Errorf("%w: stripe: not paid", ErrRefused)
	}
	done, err := s.refunded(ctx, session.PaymentIntent.ID, r.Key)
	if errors.Is(err, ErrNotFound) {
		done, err = s.refund(ctx, session, r)
	}
	if err != nil {
		return Refund{}, err
	}
	return stripeRefund(done, r)
}

// refunded finds the refund of a payment that was made with a key; ErrNotFound.
func (s *Stripe) refunded(ctx context.Context, intentID, key string) (*stripe.Refund, error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(intentID)}
	params.Limit = stripe.Int64(100)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, stripeError(err)
		}
		if refund.Metadata[stripeRefundKey] == key {
			return refund, nil
		}
	}
	return nil, ErrNotFound
}

func (s *Stripe) refund(ctx context.Context, session *stripe.CheckoutSession, r NewRefund) (*stripe.Refund, error) {
	params := &stripe.RefundCreateParams{
		PaymentIntent: stripe.String(session.PaymentIntent.ID),
		Amount:        stripe.Int64(r.AmountCents),
		Reason:        stripe.String(stripe.RefundReasonRequestedByCustomer),
		Metadata:      map[string]string{stripeRefundKey: r.Key, stripeReference: session.ClientReferenceID},
	}
	params.SetIdempotencyKey(r.Key)
	refund, err := s.api.V1Refunds.Create(ctx, params)
	if err != nil {
		return nil, stripeError(err)
	}
	return refund, nil
}

func stripeRefund(refund *stripe.Refund, asked NewRefund) (Refund, error) {
	r := Refund{ID: refund.ID, AmountCents: refund.Amount}
	switch {
	case refund.ID == "":
		return Refund{}, errStripeAnswer
	case refund.Amount != asked.AmountCents:
		return Refund{}, fmt.Errorf("%w: stripe: the key was used for another amount", ErrRefused)
	}
	switch refund.Status {
	case stripe.RefundStatusSucceeded:
		r.Status = RefundDone
	case stripe.RefundStatusPending, stripe.RefundStatusRequiresAction:
		r.Status = RefundPending
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		return Refund{}, fmt.Errorf("%w: stripe: refund %s %s", ErrRefused, refund.ID, refund.Status)
	default:
		return Refund{}, errStripeAnswer
	}
	return r, nil
}
