package mercadopago

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	mercado "github.com/mercadopago/sdk-go/pkg/payment"

	"guiche/payment"
)

// readMoney adds what became of the money of a payment. While a payer argues with Mercado Pago, or her bank with it, the
// money is held back; how that ended is in the detail of the state.
func readMoney(p *mercado.Response, c *payment.Charge) {
	c.RefundedCents = fromReais(p.TransactionAmountRefunded)
	held := c.AmountCents - c.RefundedCents
	switch {
	case p.Status == "refunded":
		c.RefundedCents = c.AmountCents
	case p.Status == "charged_back" && p.StatusDetail == "reimbursed":
		c.Dispute = payment.DisputeWon
	case p.Status == "charged_back" && p.StatusDetail == "settled":
		c.Dispute, c.DisputedCents = payment.DisputeLost, held
	case p.Status == "charged_back", p.Status == "in_mediation":
		c.Dispute, c.DisputedCents = payment.DisputeOpen, held
	}
}

// moneyLeft is what is still there of a payment.
func moneyLeft(p *mercado.Response) int64 {
	c := payment.Charge{Status: payment.Paid, AmountCents: fromReais(p.TransactionAmount)}
	readMoney(p, &c)
	return c.LeftCents()
}

const chargebacks = "https://api.mercadopago.com/v1/chargebacks/"

// chargedBack is the number of the payment that a chargeback is about. The library's own type of a chargeback does not fit
// what the documentation shows.
func (m *Gateway) chargedBack(ctx context.Context, id string) (int, error) {
	if _, err := paymentNumber(id); err != nil {
		return 0, payment.ErrNotFound
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, chargebacks+id, nil)
	if err != nil {
		return 0, fmt.Errorf("payment: mercadopago: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+m.token)
	resp, err := m.road.Do(req)
	if err != nil {
		if unreachable, ok := errors.AsType[*url.Error](err); ok {
			err = unreachable.Err // the address is in the error
		}
		return 0, fmt.Errorf("payment: mercadopago: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, fmt.Errorf("payment: mercadopago: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return 0, refusal(resp.StatusCode, string(body))
	}
	var said struct {
		Payments  []int `json:"payments"`
		PaymentID int   `json:"payment_id"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return 0, fmt.Errorf("%w: a chargeback", errAnswer)
	}
	if len(said.Payments) > 0 {
		said.PaymentID = said.Payments[0]
	}
	if said.PaymentID <= 0 {
		return 0, fmt.Errorf("%w: a chargeback of no payment", errAnswer)
	}
	return said.PaymentID, nil
}
