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
		ExpirationDateTo:  writeTime(n.ExpiresAt.Add(closing)),
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
	if first == made.ID {
		return m.pageCharge(made, tries{}).Answering(n)
	}
	if err := m.expire(ctx, made.ID); err != nil && !errors.Is(err, payment.ErrRefused) {
		return payment.Charge{}, err
	}
	c, err := m.getPreference(ctx, first)
	if err != nil {
		return payment.Charge{}, err
	}
	return c.Answering(n)
}

// findCard reads the page of a reference.
func (m *Gateway) findCard(ctx context.Context, reference string) (payment.Charge, error) {
	if reference == "" {
		return payment.Charge{}, payment.ErrNotFound
	}
	page, err := m.findPreference(ctx, reference)
	if err != nil {
		return payment.Charge{}, err
	}
	return m.getPreference(ctx, page)
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

// getPreference reads a page and the payments that were made on it.
func (m *Gateway) getPreference(ctx context.Context, id string) (payment.Charge, error) {
	p, err := m.preference(ctx, id)
	if err != nil {
		return payment.Charge{}, err
	}
	tries, err := m.tries(ctx, p.ExternalReference, nil)
	if err != nil {
		return payment.Charge{}, err
	}
	return m.pageCharge(p, tries), m.sendBackAll(ctx, tries.extra)
}

// getPaid reads the charge of a page whose money a payment took, which is known and counts. The page has nothing to add but
// payments that are too many.
func (m *Gateway) getPaid(ctx context.Context, page string, taken *mercado.Response) (payment.Charge, error) {
	tries, err := m.tries(ctx, taken.ExternalReference, taken)
	if err != nil {
		return payment.Charge{}, err
	}
	return m.pageCharge(&preference.Response{ID: page, ExternalReference: taken.ExternalReference}, tries), m.sendBackAll(ctx, tries.extra)
}

// getTry reads a page of which one payment is known. Which payment counts is not known here, so none is sent back.
func (m *Gateway) getTry(ctx context.Context, page string, try *mercado.Response) (payment.Charge, error) {
	p, err := m.preference(ctx, page)
	if err != nil {
		return payment.Charge{}, err
	}
	tries, err := m.tries(ctx, p.ExternalReference, try)
	if err != nil {
		return payment.Charge{}, err
	}
	return m.pageCharge(p, tries), nil
}

// closing is for how long a page lives at most that is being closed: Mercado Pago takes no end in the past, and its clock is
// not ours. A page that has no more time than that is closed for us.
const closing = 5 * time.Second

// pageCharge reads a page as a charge.
func (m *Gateway) pageCharge(p *preference.Response, t tries) payment.Charge {
	c := payment.Charge{
		ID:        preferencePrefix + p.ID,
		Reference: p.ExternalReference,
		PayURL:    p.InitPoint,
	}
	if !p.ExpirationDateTo.IsZero() {
		c.ExpiresAt = p.ExpirationDateTo.Add(-closing).UTC()
	}
	for _, item := range p.Items {
		c.AmountCents += fromReais(item.UnitPrice) * int64(item.Quantity)
		c.Currency = item.CurrencyID
	}
	switch {
	case t.paid != nil:
		c.Status = payment.Paid
		c.PaymentID = paymentPrefix + strconv.Itoa(t.paid.ID) + pageBreak + p.ID
		c.AmountCents, c.Currency = fromReais(t.paid.TransactionAmount), t.paid.CurrencyID
		readMoney(t.paid, &c)
	case len(t.pending) > 0:
		c.Status = payment.Pending
	case !m.now().Before(c.ExpiresAt):
		c.Status = payment.Cancelled
	default: // after a rejected try the payer may try again
		c.Status = payment.Open
	}
	return c
}

// tries are the payments that a payer made on a page.
type tries struct {
	paid    *mercado.Response
	extra   []mercado.Response // paid as well, and too many
	pending []int
}

// tries reads the payments of a page, of which one may be known already: the search lags, and ends after twelve months.
// The page may be paid twice, as in two tabs: what is known counts, else the payment that was approved first, as long as
// its money is there.
func (m *Gateway) tries(ctx context.Context, reference string, known *mercado.Response) (t tries, err error) {
	if reference == "" {
		return t, nil
	}
	payments, err := m.paymentsOf(ctx, reference)
	if err != nil {
		return t, err
	}
	if known != nil {
		payments = slices.DeleteFunc(payments, func(p mercado.Response) bool { return p.ID == known.ID })
		payments = append(payments, *known)
	}
	for _, p := range payments {
		status, err := paymentStatus(p.Status)
		switch {
		case err != nil:
			return t, err
		case status == payment.Paid:
			t.extra = append(t.extra, p)
		case status == payment.Pending:
			t.pending = append(t.pending, p.ID)
		}
	}
	if len(t.extra) == 0 {
		return t, nil
	}
	rank := func(p mercado.Response) int {
		switch {
		case moneyLeft(&p) == 0:
			return 2
		case known == nil || p.ID != known.ID:
			return 1
		}
		return 0
	}
	slices.SortFunc(t.extra, func(a, b mercado.Response) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.DateApproved.Compare(b.DateApproved), cmp.Compare(a.ID, b.ID))
	})
	t.paid, t.extra = &t.extra[0], t.extra[1:]
	return t, nil
}

// sendBackAll refunds what is left of payments that are too many.
func (m *Gateway) sendBackAll(ctx context.Context, extra []mercado.Response) (err error) {
	for _, p := range extra {
		err = errors.Join(err, m.sendBack(ctx, p))
	}
	return err
}

func (m *Gateway) sendBack(ctx context.Context, extra mercado.Response) error {
	left := moneyLeft(&extra)
	if left == 0 {
		return nil
	}
	ctx = requestoptions.WithIdempotencyKey(ctx, "second-"+strconv.Itoa(extra.ID))
	_, err := m.send(ctx, &extra, left)
	if errors.Is(err, payment.ErrRefused) {
		// The first payment counts nevertheless.
		m.log.Error("a charge was paid twice, and the second payment can not be sent back", "reference", extra.ExternalReference, "payment", extra.ID, "error", err)
		return nil
	}
	if err == nil {
		m.log.Warn("a charge was paid twice, the second payment was sent back", "reference", extra.ExternalReference, "payment", extra.ID)
	}
	return err
}

// closePage closes a page and ends the tries that are not final yet.
func (m *Gateway) closePage(ctx context.Context, id string) error {
	p, err := m.preference(ctx, id)
	if err != nil {
		return err
	}
	if m.now().Add(closing).Before(p.ExpirationDateTo) {
		if err := m.expire(ctx, id); errors.Is(err, payment.ErrRefused) {
			m.log.Warn("a payment page could not be closed, it ends by itself", "reference", p.ExternalReference, "error", err)
		} else if err != nil {
			return err
		}
	}
	tries, err := m.tries(ctx, p.ExternalReference, nil)
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
	_, err := m.preferences.Update(ctx, id, preference.Request{Expires: true, ExpirationDateTo: writeTime(m.now().Add(closing - time.Second))})
	return safeError(err)
}
