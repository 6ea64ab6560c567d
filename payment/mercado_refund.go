package payment

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
)

// Refund sends money of a paid charge back, once per key. A refund carries nothing of ours but its amount, and keys are
// forgotten after a day: one that was made before is recognised by what had been sent back before it.
func (m *MercadoPago) Refund(ctx context.Context, r NewRefund) (Refund, error) {
	payment, err := m.taken(ctx, r.ChargeID)
	if err != nil {
		return Refund{}, err
	}
	if err := r.check(); err != nil {
		return Refund{}, err
	}
	known, err := m.refunds.List(ctx, payment.ID)
	if err != nil {
		return Refund{}, mercadoError(err)
	}
	made, err := madeRefund(known, r)
	if errors.Is(err, ErrNotFound) {
		made, err = m.refund(ctx, payment, r)
		if i := slices.IndexFunc(known, func(k refund.Response) bool { return k.ID == made.ID }); i >= 0 {
			made = known[i] // a remembered key answers what was true at first
		}
	}
	if err != nil {
		return Refund{}, err
	}
	return mercadoRefund(made, r)
}

func (m *MercadoPago) refund(ctx context.Context, payment *mercado.Response, r NewRefund) (refund.Response, error) {
	if r.BeforeCents+r.AmountCents > fromReais(payment.TransactionAmount) {
		return refund.Response{}, fmt.Errorf("%w: mercadopago: more than was paid", ErrRefused)
	}
	ctx = requestoptions.WithIdempotencyKey(ctx, r.Key)
	made, err := m.refunds.CreatePartialRefund(ctx, payment.ID, toReais(r.AmountCents))
	if err != nil {
		return refund.Response{}, mercadoError(err)
	}
	if made == nil {
		return refund.Response{}, errMercadoAnswer
	}
	return *made, nil
}

// taken is the payment that took the money of a charge.
func (m *MercadoPago) taken(ctx context.Context, id string) (*mercado.Response, error) {
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
			return nil, errMercadoUnpaid
		}
		return tries.paid, nil
	}
	p, err := m.payment(ctx, number)
	if err != nil {
		return nil, err
	}
	status, err := paymentStatus(p.Status)
	if err == nil && status != Paid {
		err = errMercadoUnpaid
	}
	return p, err
}

var errMercadoUnpaid = fmt.Errorf("%w: mercadopago: not paid", ErrRefused)

// madeRefund finds the refund that was asked for among those that are known; ErrNotFound if it has yet to be made.
func madeRefund(known []refund.Response, asked NewRefund) (refund.Response, error) {
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
		return refund.Response{}, fmt.Errorf("%w: mercadopago: %d cents were refunded that were not asked for here", ErrRefused, sum-asked.BeforeCents)
	case sum < asked.BeforeCents:
		return refund.Response{}, fmt.Errorf("payment: mercadopago: %d cents of earlier refunds are not known", asked.BeforeCents-sum)
	}
	return refund.Response{}, ErrNotFound
}

func refundFailed(status string) bool {
	return status == "rejected" || status == "cancelled" || status == "failed"
}

func mercadoRefund(made refund.Response, asked NewRefund) (Refund, error) {
	if made.ID == 0 {
		return Refund{}, errMercadoAnswer
	}
	r := Refund{ID: strconv.Itoa(made.ID), AmountCents: fromReais(made.Amount)}
	switch status := made.Status; {
	case r.AmountCents != asked.AmountCents:
		return Refund{}, fmt.Errorf("%w: mercadopago: the key was used for another amount", ErrRefused)
	case status == "approved":
		r.Status = RefundDone
	case status == "in_process" || status == "pending":
		r.Status = RefundPending
	case refundFailed(status):
		return Refund{}, fmt.Errorf("%w: mercadopago: refund %s %s", ErrRefused, r.ID, status)
	default:
		return Refund{}, errMercadoAnswer
	}
	return r, nil
}
