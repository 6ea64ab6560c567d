package mercadopago

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/requestoptions"

	"guiche/payment"
)

// spare is added to the deadline of a Pix, as Mercado Pago lets one live for at least half an hour. It is added to
// every one, so that a repeated Create asks for the very same.
const spare = 31 * time.Minute

// createPix makes a Pix payment. Charge.ExpiresAt is later than asked for.
func (m *Gateway) createPix(ctx context.Context, n payment.NewCharge) (payment.Charge, error) {
	first, last, _ := strings.Cut(n.Payer.Name, " ")
	ask := mercado.Request{
		PaymentMethodID:   "pix",
		TransactionAmount: toReais(n.AmountCents),
		Description:       n.Description,
		ExternalReference: n.Reference,
		DateOfExpiration:  writeTime(n.ExpiresAt.Add(spare)),
		NotificationURL:   signedNoticeURL(n.NoticeURL),
		Payer:             &mercado.PayerRequest{Email: n.Payer.Email, FirstName: first, LastName: last},
	}
	if n.Payer.CPF != "" {
		ask.Payer.Identification = &mercado.IdentificationRequest{Type: "CPF", Number: n.Payer.CPF}
	}
	made, err := m.payments.Create(requestoptions.WithIdempotencyKey(ctx, n.Reference), ask)
	if err = safeError(err); errors.Is(err, payment.ErrRefused) { // perhaps only because another call was quicker
		if c, lost := m.findPix(ctx, n.Reference); lost == nil {
			return c.Answering(n)
		}
	}
	if err != nil {
		return payment.Charge{}, err
	}
	c, err := paymentCharge(made)
	if err != nil {
		return payment.Charge{}, err
	}
	return c.Answering(n)
}

func (m *Gateway) payment(ctx context.Context, number int) (*mercado.Response, error) {
	p, err := m.payments.Get(ctx, number)
	if err != nil {
		return nil, safeError(err)
	}
	if p == nil || p.ID != number {
		return nil, errAnswer
	}
	return p, nil
}

// findPix reads the Pix payment of a reference; the first, should there be two.
func (m *Gateway) findPix(ctx context.Context, reference string) (payment.Charge, error) {
	if reference == "" {
		return payment.Charge{}, payment.ErrNotFound
	}
	payments, err := m.paymentsOf(ctx, reference)
	if err != nil {
		return payment.Charge{}, err
	}
	number := 0
	for _, p := range payments {
		if p.PaymentMethodID == "pix" && (number == 0 || p.ID < number) {
			number = p.ID
		}
	}
	if number == 0 {
		return payment.Charge{}, payment.ErrNotFound
	}
	p, err := m.payment(ctx, number)
	if err != nil {
		return payment.Charge{}, err
	}
	return paymentCharge(p)
}

// paymentsOf lists all payments with our reference.
func (m *Gateway) paymentsOf(ctx context.Context, reference string) ([]mercado.Response, error) {
	search := mercado.SearchRequest{
		Limit:   50,
		Filters: map[string]string{"external_reference": reference, "sort": "date_created", "criteria": "asc"},
	}
	var payments []mercado.Response
	for {
		page, err := m.payments.Search(ctx, search)
		if err != nil {
			return nil, safeError(err)
		}
		if page == nil || page.Paging.Limit == 0 { // only Mercado Pago itself may say that there is none
			return nil, errAnswer
		}
		for _, p := range page.Results {
			if p.ExternalReference == reference {
				payments = append(payments, p)
			}
		}
		search.Offset += len(page.Results)
		if len(page.Results) == 0 || search.Offset >= page.Paging.Total {
			return payments, nil
		}
	}
}

// cancelPayment ends a payment that is not final yet; one that is stays as it is.
func (m *Gateway) cancelPayment(ctx context.Context, number int) error {
	_, err := m.payments.Cancel(ctx, number)
	if err = safeError(err); errors.Is(err, payment.ErrRefused) {
		return nil
	}
	return err
}

// paymentCharge reads a payment as a charge.
func paymentCharge(p *mercado.Response) (payment.Charge, error) {
	if p == nil || p.ID == 0 {
		return payment.Charge{}, errAnswer
	}
	status, err := paymentStatus(p.Status)
	if err != nil {
		return payment.Charge{}, err
	}
	if status == payment.Pending && p.Status == "pending" && p.PaymentMethodID == "pix" {
		status = payment.Open // it waits for the payer
	}
	c := payment.Charge{
		ID:          paymentPrefix + strconv.Itoa(p.ID),
		Reference:   p.ExternalReference,
		Status:      status,
		AmountCents: fromReais(p.TransactionAmount),
		Currency:    p.CurrencyID,
		PixCode:     p.PointOfInteraction.TransactionData.QRCode,
		ExpiresAt:   p.DateOfExpiration.UTC(),
	}
	readMoney(p, &c)
	return c, nil
}

// paymentStatus reads the state of one payment. Money that was taken stays taken, whoever argues about it afterwards.
func paymentStatus(s string) (payment.Status, error) {
	switch s {
	case "approved", "in_mediation", "refunded", "charged_back":
		return payment.Paid, nil
	case "pending", "in_process", "authorized":
		return payment.Pending, nil
	case "rejected":
		return payment.Declined, nil
	case "cancelled":
		return payment.Cancelled, nil
	}
	return "", fmt.Errorf("%w: an unknown state", errAnswer)
}
