package mercadopago

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/preference"
	"github.com/mercadopago/sdk-go/pkg/requestoptions"

	"guiche/payment"
)

// createPreference makes the page where a card is taken. Two calls at once may make two: both then take the first one,
// and who made the other ends it. Should they not agree, as within one millisecond, whoever keeps the charge has room for
// one id and cancels the other.
func (m *Gateway) createPreference(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	ask := preference.Request{
		Items: []preference.ItemRequest{{
			Title: n.Description, Quantity: 1, UnitPrice: toReais(n.AmountCents), CurrencyID: n.Currency,
		}},
		ExternalReference: n.Reference,
		NotificationURL:   signedNoticeURL(n.NoticeURL),
		BackURLs:          &preference.BackURLsRequest{Success: n.ReturnURL, Pending: n.ReturnURL, Failure: n.ReturnURL},
		Expires:           true,
		ExpirationDateTo:  writeTime(n.ExpiresAt),
		// What takes days is of no use to a hold of minutes, and Pix is a charge of its own.
		PaymentMethods: &preference.PaymentMethodsRequest{ExcludedPaymentTypes: []preference.ExcludedPaymentTypeRequest{
			{ID: "ticket"}, {ID: "bank_transfer"}, {ID: "atm"},
		}},
	}
	if strings.HasPrefix(n.ReturnURL, "https:") { // to any other address nobody is led by herself
		ask.AutoReturn = "approved"
	}
	made, err := m.preferences.Create(requestoptions.WithIdempotencyKey(ctx, n.Reference), ask)
	if err != nil {
		return payment.Charge{}, safeError(err)
	}
	if made == nil || made.ID == "" {
		return payment.Charge{}, errAnswer
	}
	first, err := m.findPreference(ctx, n.Reference)
	if errors.Is(err, payment.ErrNotFound) { // the search does not know it yet
		first, err = made.ID, nil
	}
	if err != nil {
		return payment.Charge{}, err
	}
	if first != made.ID {
		if err := m.expire(ctx, made.ID); err != nil {
			return payment.Charge{}, err
		}
	}
	c, err := m.getPreference(ctx, first)
	if err != nil {
		return payment.Charge{}, err
	}
	return c.Answering(n)
}

// findPreference finds the first preference of a reference; ErrNotFound.
func (m *Gateway) findPreference(ctx context.Context, reference string) (id string, err error) {
	page, err := m.preferences.Search(ctx, preference.SearchRequest{Filters: map[string]string{"external_reference": reference}})
	if err != nil {
		return "", safeError(err)
	}
	if page == nil {
		return "", errAnswer
	}
	var found []preference.SearchResponse
	for _, p := range page.Elements {
		if p.ExternalReference == reference {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return "", payment.ErrNotFound
	}
	return slices.MinFunc(found, func(a, b preference.SearchResponse) int {
		return cmp.Or(a.DateCreated.Compare(b.DateCreated), cmp.Compare(a.ID, b.ID))
	}).ID, nil
}

func (m *Gateway) preference(ctx context.Context, id string) (*preference.Response, error) {
	p, err := m.preferences.Get(ctx, id)
	if err != nil {
		return nil, safeError(err)
	}
	if p == nil || p.ID != id {
		return nil, errAnswer
	}
	return p, nil
}

func (m *Gateway) getPreference(ctx context.Context, id string) (payment.Charge, error) {
	p, err := m.preference(ctx, id)
	if err != nil {
		return payment.Charge{}, err
	}
	tries, err := m.tries(ctx, p.ExternalReference)
	if err != nil {
		return payment.Charge{}, err
	}
	c := payment.Charge{
		ID:        preferencePrefix + p.ID,
		Reference: p.ExternalReference,
		PayURL:    p.InitPoint,
		ExpiresAt: p.ExpirationDateTo.UTC(),
	}
	for _, item := range p.Items {
		c.AmountCents += fromReais(item.UnitPrice) * int64(item.Quantity)
		c.Currency = item.CurrencyID
	}
	switch {
	case tries.paid != nil:
		c.Status = payment.Paid
		c.AmountCents, c.Currency = fromReais(tries.paid.TransactionAmount), tries.paid.CurrencyID
		c.RefundedCents = fromReais(tries.paid.TransactionAmountRefunded)
	case len(tries.pending) > 0:
		c.Status = payment.Pending
	case !m.now().Before(c.ExpiresAt):
		c.Status = payment.Cancelled
	default: // after a rejected try the payer may try again
		c.Status = payment.Open
	}
	return c, nil
}

// tries are the payments that a payer made on the page of a preference.
type tries struct {
	paid    *mercado.Response
	pending []int
}

// tries reads the payments of a preference. The page may be paid twice, as in two tabs: the payment that was approved
// first is the charge, and every other one is sent back in full before the charge is told to be paid.
func (m *Gateway) tries(ctx context.Context, reference string) (t tries, err error) {
	if reference == "" {
		return t, nil
	}
	payments, err := m.paymentsOf(ctx, reference)
	if err != nil {
		return t, err
	}
	var paid []mercado.Response
	for _, p := range payments {
		status, err := paymentStatus(p.Status)
		switch {
		case err != nil:
			return t, err
		case status == payment.Paid:
			paid = append(paid, p)
		case status == payment.Pending:
			t.pending = append(t.pending, p.ID)
		}
	}
	if len(paid) == 0 {
		return t, nil
	}
	slices.SortFunc(paid, func(a, b mercado.Response) int {
		return cmp.Or(a.DateApproved.Compare(b.DateApproved), cmp.Compare(a.ID, b.ID))
	})
	t.paid = &paid[0]
	for _, extra := range paid[1:] {
		if err := m.sendBack(ctx, extra); err != nil {
			return t, err
		}
	}
	return t, nil
}

// sendBack refunds what is left of a payment that nobody asked for.
func (m *Gateway) sendBack(ctx context.Context, extra mercado.Response) error {
	left := fromReais(extra.TransactionAmount) - fromReais(extra.TransactionAmountRefunded)
	if extra.Status != "approved" || left <= 0 {
		return nil
	}
	ctx = requestoptions.WithIdempotencyKey(ctx, "second-"+strconv.Itoa(extra.ID))
	_, err := m.refunds.CreatePartialRefund(ctx, extra.ID, toReais(left))
	if err = safeError(err); errors.Is(err, payment.ErrRefused) {
		// The first payment counts nevertheless.
		m.log.Error("a charge was paid twice, and the second payment can not be sent back", "reference", extra.ExternalReference, "payment", extra.ID, "error", err)
		return nil
	}
	if err == nil {
		m.log.Warn("a charge was paid twice, the second payment was sent back", "reference", extra.ExternalReference, "payment", extra.ID)
	}
	return err
}

// expirePreference closes the page of a preference and ends the tries that are not final yet.
func (m *Gateway) expirePreference(ctx context.Context, id string) error {
	p, err := m.preference(ctx, id)
	if err != nil {
		return err
	}
	if m.now().Before(p.ExpirationDateTo) {
		if err := m.expire(ctx, id); err != nil && !errors.Is(err, payment.ErrRefused) {
			return err
		}
	}
	tries, err := m.tries(ctx, p.ExternalReference)
	if err != nil {
		return err
	}
	for _, number := range tries.pending {
		if err := m.cancelPayment(ctx, number); err != nil {
			return err
		}
	}
	return nil
}

func (m *Gateway) expire(ctx context.Context, id string) error {
	_, err := m.preferences.Update(ctx, id, preference.Request{Expires: true, ExpirationDateTo: writeTime(m.now().Add(-time.Second))})
	return safeError(err)
}
