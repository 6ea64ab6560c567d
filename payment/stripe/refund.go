package stripe

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	sdk "github.com/stripe/stripe-go/v86"

	"guiche/payment"
)

// Refund sends money of a paid session back, once per key. Stripe forgets idempotency keys after a day, so the key is
// also looked for in what was refunded before.
func (s *Gateway) Refund(ctx context.Context, r payment.NewRefund) (payment.Refund, error) {
	session, err := s.session(ctx, r.ChargeID)
	if err != nil {
		return payment.Refund{}, err
	}
	if err := r.Check(); err != nil {
		return payment.Refund{}, err
	}
	if session.PaymentStatus != sdk.CheckoutSessionPaymentStatusPaid || session.PaymentIntent == nil {
		return payment.Refund{}, fmt.Errorf("%w: stripe: not paid", payment.ErrRefused)
	}
	done, err := s.refunded(ctx, session.PaymentIntent.ID, r.Key)
	if errors.Is(err, payment.ErrNotFound) {
		done, err = s.refund(ctx, session, r)
	}
	if err != nil {
		return payment.Refund{}, err
	}
	return readRefund(done, r)
}

// refunded finds the refund of a payment that was made with a key; ErrNotFound.
func (s *Gateway) refunded(ctx context.Context, intentID, key string) (*sdk.Refund, error) {
	params := &sdk.RefundListParams{PaymentIntent: sdk.String(intentID)}
	params.Limit = sdk.Int64(100)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, safeError(err)
		}
		if refund.Metadata[refundKey] == key {
			return refund, nil
		}
	}
	return nil, payment.ErrNotFound
}

func (s *Gateway) refund(ctx context.Context, session *sdk.CheckoutSession, r payment.NewRefund) (*sdk.Refund, error) {
	params := &sdk.RefundCreateParams{
		PaymentIntent: sdk.String(session.PaymentIntent.ID),
		Amount:        sdk.Int64(r.AmountCents),
		Reason:        sdk.String(sdk.RefundReasonRequestedByCustomer),
		Metadata:      map[string]string{refundKey: r.Key, referenceKey: session.ClientReferenceID},
	}
	params.SetIdempotencyKey(r.Key)
	refund, err := s.api.V1Refunds.Create(ctx, params)
	if err != nil {
		return nil, safeError(err)
	}
	return refund, nil
}

// refundID is what Stripe calls a refund.
var refundID = regexp.MustCompile(`^(re|pyr)_[A-Za-z0-9_]{1,200}$`)

// GetRefund reads one refund.
func (s *Gateway) GetRefund(ctx context.Context, _, id string) (payment.Refund, error) {
	if !refundID.MatchString(id) {
		return payment.Refund{}, payment.ErrNotFound
	}
	refund, err := s.api.V1Refunds.Retrieve(ctx, id, nil)
	if err != nil {
		return payment.Refund{}, safeError(err)
	}
	return refundOf(refund)
}

func readRefund(refund *sdk.Refund, asked payment.NewRefund) (payment.Refund, error) {
	r, err := refundOf(refund)
	switch {
	case err != nil:
		return payment.Refund{}, err
	case r.AmountCents != asked.AmountCents:
		return payment.Refund{}, fmt.Errorf("%w: stripe: the key was used for another amount", payment.ErrRefused)
	case r.Status == payment.RefundFailed:
		return payment.Refund{}, fmt.Errorf("%w: stripe: refund %s %s", payment.ErrRefused, r.ID, refund.Status)
	}
	return r, nil
}

func refundOf(refund *sdk.Refund) (payment.Refund, error) {
	r := payment.Refund{ID: refund.ID, AmountCents: refund.Amount}
	if refund.ID == "" {
		return payment.Refund{}, errAnswer
	}
	switch refund.Status {
	case sdk.RefundStatusSucceeded:
		r.Status = payment.RefundDone
	case sdk.RefundStatusPending, sdk.RefundStatusRequiresAction:
		r.Status = payment.RefundPending
	case sdk.RefundStatusFailed, sdk.RefundStatusCanceled:
		r.Status = payment.RefundFailed
	default:
		return payment.Refund{}, errAnswer
	}
	return r, nil
}
