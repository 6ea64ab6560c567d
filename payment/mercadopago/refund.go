package mercadopago

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/refund"
	"github.com/mercadopago/sdk-go/pkg/requestoptions"

	"guiche/payment"
)

// Refund sends money of a paid charge back, once per key. A refund carries nothing of ours but its amount, and keys are
// forgotten after a day: one that was made before is recognised by what had been sent back before it.
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
		made, err = m.refund(ctx, taken, r)
		if i := slices.IndexFunc(known, func(k refund.Response) bool { return k.ID == made.ID }); i >= 0 {
			made = known[i] // a remembered key answers what was true at first
		}
	}
	if err != nil {
		return payment.Refund{}, err
	}
	return readRefund(made, r)
}

func (m *Gateway) refund(ctx context.Context, taken *mercado.Response, r payment.NewRefund) (refund.Response, error) {
	if r.BeforeCents+r.AmountCents > fromReais(taken.TransactionAmount) {
		return refund.Response{}, fmt.Errorf("%w: mercadopago: more than was paid", payment.ErrRefused)
	}
	ctx = requestoptions.WithIdempotencyKey(ctx, r.Key)
	made, err := m.refunds.CreatePartialRefund(ctx, taken.ID, toReais(r.AmountCents))
	if err != nil {
		return refund.Response{}, safeError(err)
	}
	if made == nil {
		return refund.Response{}, errAnswer
	}
	return *made, nil
}

// taken is the payment that took the money of a charge.
func (m *Gateway) taken(ctx context.Context, id string) (*mercado.Response, error) {
	number, preference, err := m.kindOf(id)
	if err != nil {
		return nil, err
	}
	if preference != "" {
		p, err := m.preference(ctx, preference)
		if err != nil {
			return nil, err
		}
		tries, err := m.tries(ctx, p.ExternalReference)
		if err != nil {
			return nil, err
		}
		if tries.paid == nil {
			return nil, errUnpaid
		}
		return tries.paid, nil
	}
	p, err := m.payment(ctx, number)
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

// madeRefund finds the refund that was asked for among those that are known; ErrNotFound if it has yet to be made.
func madeRefund(known []refund.Response, asked payment.NewRefund) (refund.Response, error) {
	slices.SortFunc(known, func(a, b refund.Response) int { return cmp.Compare(a.ID, b.ID) })
	var sum int64
	for _, r := range known {
		if refundFailed(r.Status) {
			continue
		}
		amount := fromReais(r.Amount)
		if sum == asked.BeforeCents && amount == asked.AmountCents {
			return r, nil
		}
		sum += amount
	}
	switch {
	case sum > asked.BeforeCents:
		return refund.Response{}, fmt.Errorf("%w: mercadopago: %d cents were refunded that were not asked for here", payment.ErrRefused, sum-asked.BeforeCents)
	case sum < asked.BeforeCents:
		return refund.Response{}, fmt.Errorf("payment: mercadopago: %d cents of earlier refunds are not known", asked.BeforeCents-sum)
	}
	return refund.Response{}, payment.ErrNotFound
}

func refundFailed(status string) bool {
	return status == "rejected" || status == "cancelled" || status == "failed"
}

func readRefund(made refund.Response, asked payment.NewRefund) (payment.Refund, error) {
	if made.ID == 0 {
		return payment.Refund{}, errAnswer
	}
	r := payment.Refund{ID: strconv.Itoa(made.ID), AmountCents: fromReais(made.Amount)}
	switch status := made.Status; {
	case r.AmountCents != asked.AmountCents:
		return payment.Refund{}, fmt.Errorf("%w: mercadopago: the key was used for another amount", payment.ErrRefused)
	case status == "approved":
		r.Status = payment.RefundDone
	case status == "in_process" || status == "pending":
		r.Status = payment.RefundPending
	case refundFailed(status):
		return payment.Refund{}, fmt.Errorf("%w: mercadopago: refund %s %s", payment.ErrRefused, r.ID, status)
	default:
		return payment.Refund{}, errAnswer
	}
	return r, nil
}
