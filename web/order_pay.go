package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// gatewayTime bounds a call of the payment API while a person waits.
const gatewayTime = 8 * time.Second

// pay makes the charge of a reserved order, or finds the open one, and leads to the page where it is paid.
func (s *money) pay(c echo.Context) error {
	ctx := c.Request().Context()
	model, err := s.finder.own(c)
	if err != nil {
		return err
	}
	order := model.Order
	if order.Status != store.Reserved {
		return s.notPossible(c, orderPath(order.ID))
	}
	method, err := s.readMethod(c, model)
	if err != nil {
		return err
	}
	charge, err := s.startCharge(c, order, method)
	switch {
	case errors.Is(err, store.ErrState):
		return s.notPossible(c, orderPath(order.ID))
	case err != nil:
		return err
	case !time.Now().Before(charge.ExpiresAt): // an earlier one that is not cancelled yet
		return s.paymentDown(c, model)
	case charge.Pending:
		return s.notPossible(c, orderPath(order.ID)) // the bank has it: she is not asked twice
	case charge.Status == store.ChargeOpen:
		return leadToPay(c, charge)
	}
	// A press beside this one may think so too: the key of the charge, or a look afterwards, makes one of the two.
	first := order.Charge == nil || order.Charge.ID != charge.ID
	made, err := s.createCharge(c, charge, first, fmt.Sprintf("%s × %d", model.Event.Name, order.Quantity))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.metrics.chargesFailed.WithLabelValues(charge.Gateway, whyFailed(err)).Inc()
	}
	switch {
	case errors.Is(err, payment.ErrRefused):
		return s.paymentRefused(c, charge, err)
	case err != nil:
		s.log(c).Warn("the payment API did not make a charge", "order", order.ID, "charge", charge.ID, "error", err)
		return s.paymentDown(c, model)
	case made.Status != payment.Open: // it has ended since an earlier try, whose answer was lost
		s.hints.pollCharge(c, charge.ID)
		return s.notPossible(c, orderPath(order.ID))
	}
	charge.PayURL, charge.PixCode = made.PayURL, made.PixCode
	err = s.store.RecordCharge(ctx, charge.ID, made.ID, made.PayURL, made.PixCode)
	if errors.Is(err, store.ErrState) {
		return s.cancelCharge(c, charge, made.ID)
	}
	if err != nil {
		return err
	}
	s.log(c).Info("charge opened", "order", order.ID, "charge", charge.ID)
	return leadToPay(c, charge)
}

// paymentDown shows the order with a notice that payment is out of order; the hold stands.
func (s *money) paymentDown(c echo.Context, model views.OrderModel) error {
	model.Notice = views.PaymentDown
	return s.render(c, http.StatusServiceUnavailable, views.OrderPage(s.frame(c), model))
}

// paymentRefused ends a charge that the gateway will never make, keeps the reason for the people who run the shop, and offers
// the other ways to pay; the hold stands.
func (s *money) paymentRefused(c echo.Context, charge store.Charge, refusal error) error {
	reason := cmp.Or(string(payment.ReasonOf(refusal)), "other")
	s.log(c).Error("the payment API refused a charge, an admin has to look", "order", charge.OrderID, "charge", charge.ID,
		"gateway", charge.Gateway, "method", charge.Method, "reason", reason, "error", refusal)
	if err := s.store.RefuseCharge(c.Request().Context(), charge.ID, reason); err != nil {
		return err
	}
	model, err := s.finder.own(c)
	if err != nil {
		return err
	}
	model.Notice = views.PaymentRefused(reason, model.AnotherWay())
	return s.render(c, http.StatusServiceUnavailable, views.OrderPage(s.frame(c), model))
}

// createCharge asks the gateway for a charge. Its id is ours, so that a repeated call makes no second one.
func (s *money) createCharge(c echo.Context, charge store.Charge, first bool, description string) (payment.Charge, error) {
	gateway, err := s.gateways.ByName(charge.Gateway)
	if err != nil {
		return payment.Charge{}, err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), gatewayTime)
	defer cancel()
	payer, err := s.store.Account(ctx, account(c).ID) // the session knows neither e-mail nor CPF
	if err != nil {
		return payment.Charge{}, err
	}
	return gateway.Create(ctx, payment.NewCharge{
		First:       first,
		Reference:   charge.ID.String(),
		AmountCents: charge.AmountCents,
		Currency:    charge.Currency,
		Description: description,
		ExpiresAt:   charge.ExpiresAt,
		ReturnURL:   s.base.JoinPath("orders", charge.OrderID.String()).String() + "?" + backParam + "=1",
		NoticeURL:   s.base.JoinPath("webhooks", gateway.Name()).String(),
		Language:    language(c),
		Method:      payment.Method(charge.Method),
		Payer:       payment.Payer{Name: payer.Name, Email: payer.Email, CPF: payer.CPF},
	})
}

// cancelCharge cancels a charge at the gateway whose hold ended while it was being made.
func (s *money) cancelCharge(c echo.Context, charge store.Charge, gatewayID string) error {
	gateway, err := s.gateways.ByName(charge.Gateway)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), gatewayTime)
	defer cancel()
	if _, err := gateway.Cancel(ctx, gatewayID); err != nil {
		// Nobody has its address, and it expires by itself.
		s.log(c).Warn("a charge that came too late was not cancelled", "order", charge.OrderID, "charge", charge.ID, "error", err)
	}
	return s.notPossible(c, orderPath(charge.OrderID))
}

// leadToPay leads a browser to the order's page, which has the code or a link to the payment page. Browsers hold whatever
// answers a form to form-action, each further hop too, and where a payment page hops to only the gateway knows; a link is
// free to go anywhere. A program, which asks for no page, gets the address of the payment page at once.
func leadToPay(c echo.Context, charge store.Charge) error {
	if charge.PayURL == "" || wantsPage(c) {
		return seeOther(c, orderPath(charge.OrderID))
	}
	return seeOther(c, charge.PayURL)
}
