package mercadopago

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/refund"
	"github.com/mercadopago/sdk-go/pkg/requestoptions"

	"guiche/payment"
)

// Refund sends money of a paid charge back, once per key. A refund carries nothing of ours but its amount, and keys are
// forgotten after a day: one that was made before is recognised as it is none of those that we know.
func (m *Gateway) Refund(ctx context.Context, r payment.NewRefund) (payment.Refund, error) {
	taken, err := m.taken(ctx, r.ChargeID)
	if err != nil {
		return payment.Refund{}, err
	}
	if err := r.Check(); err != nil {
		return payment.Refund{}, err
	}
	known, err := m.refunds.List(ctx, taken.ID)
	if err != nil {
		return payment.Refund{}, safeError(err)
	}
	made, err := madeRefund(known, r)
	if errors.Is(err, payment.ErrNotFound) {
		made, err = m.refund(ctx, taken, known, r)
		if i := slices.IndexFunc(known, func(k refund.Response) bool { return k.ID == made.ID }); i >= 0 {
			made = known[i] // a remembered key answers what was true at first
		}
	}
	if err != nil {
		return payment.Refund{}, err
	}
	return readRefund(made, r)
}

func (m *Gateway) refund(ctx context.Context, taken *mercado.Response, known []refund.Response, r payment.NewRefund) (refund.Response, error) {
	left := fromReais(taken.TransactionAmount)
	if r.BeforeCents+r.AmountCents > left {
		return refund.Response{}, payment.Refuse(payment.ReasonLess, "mercadopago: more than was paid")
	}
	for _, k := range known {
		if !refundFailed(k.Status) {
			left -= fromReais(k.Amount)
		}
	}
	if taken.Status == "charged_back" || taken.Status == "in_mediation" {
		left = 0
	}
	if r.AmountCents > left {
		return refund.Response{}, payment.Refuse(payment.ReasonLess, "mercadopago: %d cents are left", left)
	}
	return m.send(requestoptions.WithIdempotencyKey(ctx, r.Key), taken, r.AmountCents)
}

// send sends an amount of a payment back: without saying how much if it is all of it, since some kinds of payment are sent
// back whole or not at all.
func (m *Gateway) send(ctx context.Context, taken *mercado.Response, cents int64) (refund.Response, error) {
	send := func() (*refund.Response, error) { return m.refunds.CreatePartialRefund(ctx, taken.ID, toReais(cents)) }
	if cents == fromReais(taken.TransactionAmount) {
		send = func() (*refund.Response, error) { return m.refunds.Create(ctx, taken.ID) }
	}
	made, err := send()
	if err != nil {
		return refund.Response{}, safeError(err)
	}
	if made == nil {
		return refund.Response{}, errAnswer
	}
	return *made, nil
}

// GetRefund reads one refund of a charge.
func (m *Gateway) GetRefund(ctx context.Context, chargeID, refundID string) (payment.Refund, error) {
	number, err := paymentNumber(refundID)
	if err != nil {
		return payment.Refund{}, payment.ErrNotFound
	}
	about, err := subjectOf(chargeID)
	if err != nil {
		return payment.Refund{}, err
	}
	if about.payment == 0 {
		taken, err := m.taken(ctx, chargeID)
		if err != nil {
			return payment.Refund{}, err
		}
		about.payment = taken.ID
	}
	r, err := m.refunds.Get(ctx, about.payment, number)
	if err != nil {
		return payment.Refund{}, safeError(err)
	}
	if r == nil {
		return payment.Refund{}, errAnswer
	}
	return refundOf(*r)
}

// taken is the payment that took the money of a charge.
func (m *Gateway) taken(ctx context.Context, id string) (*mercado.Response, error) {
	about, err := subjectOf(id)
	if err != nil {
		return nil, err
	}
	if about.payment == 0 {
		p, err := m.preference(ctx, about.preference)
		if err != nil {
			return nil, err
		}
		tries, err := m.tries(ctx, p.ExternalReference, nil)
		if err != nil {
			return nil, err
		}
		if tries.paid == nil {
			return nil, errUnpaid
		}
		return tries.paid, nil
	}
	p, err := m.payment(ctx, about.payment)
	if err != nil {
		return nil, err
	}
	status, err := paymentStatus(p.Status)
	if err == nil && status != payment.Paid {
		err = errUnpaid
	}
	return p, err
}

var errUnpaid = fmt.Errorf("%w: mercadopago: not paid", payment.ErrRefused)

// clockSlack is how far the clocks of both sides may be apart.
const clockSlack = 5 * time.Minute

// madeRefund finds the refund that was asked for among those of its payment: one of its amount that is none of the earlier
// ones, made since it was asked for. ErrNotFound if it has yet to be made.
func madeRefund(known []refund.Response, asked payment.NewRefund) (refund.Response, error) {
	for _, id := range asked.Before {
		if !slices.ContainsFunc(known, func(r refund.Response) bool { return strconv.Itoa(r.ID) == id }) {
			return refund.Response{}, fmt.Errorf("payment: mercadopago: the earlier refund %s is not known", id)
		}
	}
	for _, r := range known {
		if !refundFailed(r.Status) && fromReais(r.Amount) == asked.AmountCents && !slices.Contains(asked.Before, strconv.Itoa(r.ID)) &&
			!r.DateCreated.Before(asked.AskedAt.Add(-clockSlack)) {
			return r, nil
		}
	}
	return refund.Response{}, payment.ErrNotFound
}

func refundFailed(status string) bool {
	return status == "rejected" || status == "cancelled" || status == "failed"
}

func readRefund(made refund.Response, asked payment.NewRefund) (payment.Refund, error) {
	r, err := refundOf(made)
	switch {
	case err != nil:
		return payment.Refund{}, err
	case r.AmountCents != asked.AmountCents:
		return payment.Refund{}, fmt.Errorf("%w: mercadopago: the key was used for another amount", payment.ErrRefused)
	case r.Status == payment.RefundFailed:
		return payment.Refund{}, fmt.Errorf("%w: mercadopago: refund %s %s", payment.ErrRefused, r.ID, made.Status)
	}
	return r, nil
}

func refundOf(made refund.Response) (payment.Refund, error) {
	r := payment.Refund{ID: strconv.Itoa(made.ID), AmountCents: fromReais(made.Amount)}
	switch status := made.Status; {
	case made.ID == 0:
		return payment.Refund{}, errAnswer
	case status == "approved":
		r.Status = payment.RefundDone
	case status == "in_process" || status == "pending":
		r.Status = payment.RefundPending
	case refundFailed(status):
		r.Status = payment.RefundFailed
	default:
		return payment.Refund{}, errAnswer
	}
	return r, nil
}
