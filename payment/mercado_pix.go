package payment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"
	"github.com/mercadopago/sdk-go/pkg/requestoptions"
)

// mercadoSpare is added to the deadline of a Pix, as Mercado Pago lets one live for at least half an hour. It is added to
// every one, so that a repeated Create asks for the very same.
const mercadoSpare = 31 * time.Minute

// createPix makes a Pix payment. Charge.ExpiresAt is later than asked for.
func (m *MercadoPago) createPix(ctx context.Context, n NewCharge) (Charge, error) {
	first, last, _ := strings.Cut(n.Payer.Name, " ")
	ask := mercado.Request{
		PaymentMethodID:   "pix",
		TransactionAmount: toReais(n.AmountCents),
		Description:       n.Description,
		ExternalReference: n.Reference,
		DateOfExpiration:  mercadoTime(n.ExpiresAt.Add(mercadoSpare)),
		NotificationURL:   mercadoNoticeURL(n.NoticeURL),
		Payer:             &mercado.PayerRequest{Email: n.Payer.Email, FirstName: first, LastName: last},
	}
	if n.Payer.CPF != "" {
		ask.Payer.Identification = &mercado.IdentificationRequest{Type: "CPF", Number: n.Payer.CPF}
	}
	made, err := m.payments.Create(requestoptions.WithIdempotencyKey(ctx, n.Reference), ask)
	if err = mercadoError(err); errors.Is(err, ErrRefused) { // perhaps only because another call was quicker
		if c, lost := m.find(ctx, n.Reference); lost == nil {
			return c.answering(n)
		}
	}
	if err != nil {
		return Charge{}, err
	}
	c, err := paymentCharge(made)
	if err != nil {
		return Charge{}, err
	}
	return c.answering(n)
}

func (m *MercadoPago) getPayment(ctx context.Context, number int) (Charge, error) {
	p, err := m.payment(ctx, number)
	if err != nil {
		return Charge{}, err
	}
	return paymentCharge(p)
}

func (m *MercadoPago) payment(ctx context.Context, number int) (*mercado.Response, error) {
	p, err := m.payments.Get(ctx, number)
	if err != nil {
		return nil, mercadoError(err)
	}
	if p == nil || p.ID != number {
		return nil, errMercadoAnswer
	}
	return p, nil
}

// findPix reads the Pix payment of a reference; the first, should there be two.
func (m *MercadoPago) findPix(ctx context.Context, reference string) (Charge, error) {
	payments, err := m.paymentsOf(ctx, reference)
	if err != nil {
		return Charge{}, err
	}
	number := 0
	for _, p := range payments {
		if p.PaymentMethodID == "pix" && (number == 0 || p.ID < number) {
			number = p.ID
		}
	}
	if number == 0 {
		return Charge{}, ErrNotFound
	}
	return m.getPayment(ctx, number)
}

// paymentsOf lists all payments with our reference.
func (m *MercadoPago) paymentsOf(ctx context.Context, reference string) ([]mercado.Response, error) {
	search := mercado.SearchRequest{
		Limit:   50,
		Filters: map[string]string{"external_reference": reference, "sort": "date_created", "criteria": "asc"},
	}
	var payments []mercado.Response
	for {
		page, err := m.payments.Search(ctx, search)
		if err != nil {
			return nil, mercadoError(err)
		}
		if page == nil || page.Paging.Limit == 0 { // only Mercado Pago itself may say that there is none
			return nil, errMercadoAnswer
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
func (m *MercadoPago) cancelPayment(ctx context.Context, number int) error {
	_, err := m.payments.Cancel(ctx, number)
	if err = mercadoError(err); errors.Is(err, ErrRefused) {
		return nil
	}
	return err
}

// paymentCharge reads a payment as a charge.
func paymentCharge(p *mercado.Response) (Charge, error) {
	if p == nil || p.ID == 0 {
		return Charge{}, errMercadoAnswer
	}
	status, err := paymentStatus(p.Status)
	if err != nil {
		return Charge{}, err
	}
	if status == Pending && p.Status == "pending" && p.PaymentMethodID == "pix" {
		status = Open // it waits for the payer
	}
	return Charge{
		ID:            mercadoPaymentID + strconv.Itoa(p.ID),
		Reference:     p.ExternalReference,
		Status:        status,
		AmountCents:   fromReais(p.TransactionAmount),
		Currency:      p.CurrencyID,
		RefundedCents: fromReais(p.TransactionAmountRefunded),
		PixCode:       p.PointOfInteraction.TransactionData.QRCode,
		ExpiresAt:     p.DateOfExpiration.UTC(),
	}, nil
}

// paymentStatus reads the state of one payment. Money that was taken stays taken, whoever argues about it afterwards.
func paymentStatus(s string) (Status, error) {
	switch s {
	case "approved", "in_mediation", "refunded", "charged_back":
		return Paid, nil
	case "pending", "in_process", "authorized":
		return Pending, nil
	case "rejected":
		return Declined, nil
	case "cancelled":
		return Cancelled, nil
	}
	return "", fmt.Errorf("%w: an unknown state", errMercadoAnswer)
}
