package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// gatewayTime bounds one call of the payment API while a person waits.
const gatewayTime = 8 * time.Second

// orderPay makes the charge of a reserved order, or finds the open one, and leads to the page where it is paid.
func (s *Server) orderPay(c echo.Context) error {
	ctx := c.Request().Context()
	model, err := s.ownOrder(c)
	if err != nil {
		return err
	}
	order := model.Order
	if order.Status != store.Reserved {
		return s.notPossible(c, order.ID)
	}
	method, err := s.readMethod(c)
	if err != nil {
		return err
	}
	charge, err := s.startCharge(c, order, method)
	switch {
	case errors.Is(err, store.ErrState):
		return s.notPossible(c, order.ID)
	case err != nil:
		return err
	case !time.Now().Before(charge.ExpiresAt): // the one before it has not ended yet
		return s.paymentDown(c, model)
	case charge.Status == store.ChargeOpen:
		return leadToPay(c, charge)
	}
	made, err := s.createCharge(c, charge, fmt.Sprintf("%s × %d", model.Event.Name, order.Quantity))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.log(c).Warn("the payment API did not make a charge", "order", order.ID, "charge", charge.ID, "error", err)
		return s.paymentDown(c, model)
	case made.Status != payment.Open: // it has ended since an earlier try, whose answer was lost
		s.look(c, charge.ID)
		return s.notPossible(c, order.ID)
	}
	charge.PayURL, charge.PixCode = made.PayURL, made.PixCode
	err = s.Store.OpenCharge(ctx, charge.ID, made.ID, made.PayURL, made.PixCode)
	if errors.Is(err, store.ErrState) {
		return s.cancelCharge(c, charge, made.ID)
	}
	if err != nil {
		return err
	}
	s.log(c).Info("charge opened", "order", order.ID, "charge", charge.ID)
	return leadToPay(c, charge)
}

// paymentDown shows the order with the word that the payment API does not answer; the hold stands.
func (s *Server) paymentDown(c echo.Context, model views.OrderModel) error {
	model.Notice = views.PaymentDown
	return s.render(c, http.StatusServiceUnavailable, views.OrderPage(s.frame(c), model))
}

// ownOrder is the order that the path names, if it is the account's own.
func (s *Server) ownOrder(c echo.Context) (views.OrderModel, error) {
	id, err := pathUUID(c, "id")
	if err != nil {
		return views.OrderModel{}, err
	}
	return s.orderModel(c.Request().Context(), account(c).ID, id)
}

// createCharge asks the gateway for a charge. Its id is ours, so that a repeated call makes no second one.
func (s *Server) createCharge(c echo.Context, charge store.Charge, description string) (payment.Charge, error) {
	gateway, err := s.Gateways.ByName(charge.Gateway)
	if err != nil {
		return payment.Charge{}, err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), gatewayTime)
	defer cancel()
	payer, err := s.Store.Account(ctx, account(c).ID) // the session knows neither e-mail nor CPF
	if err != nil {
		return payment.Charge{}, err
	}
	return gateway.Create(ctx, payment.NewCharge{
		Reference:   charge.ID.String(),
		AmountCents: charge.AmountCents,
		Currency:    charge.Currency,
		Description: description,
		ExpiresAt:   charge.ExpiresAt,
		ReturnURL:   s.base.JoinPath("orders", charge.OrderID.String()).String(),
		NoticeURL:   s.base.JoinPath("webhooks", gateway.Name()).String(),
		Language:    language(c),
		Method:      payment.Method(charge.Method),
		Payer:       payment.Payer{Name: payer.Name, Email: payer.Email, CPF: payer.CPF},
	})
}

// cancelCharge ends a charge at the gateway whose hold was undone while it was being made.
func (s *Server) cancelCharge(c echo.Context, charge store.Charge, gatewayID string) error {
	gateway, err := s.Gateways.ByName(charge.Gateway)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), gatewayTime)
	defer cancel()
	if _, err := gateway.Cancel(ctx, gatewayID); err != nil {
		// Nobody got its address, and its deadline ends it.
		s.log(c).Warn("a charge that came too late was not cancelled", "order", charge.OrderID, "charge", charge.ID, "error", err)
	}
	return s.notPossible(c, charge.OrderID)
}

// leadToPay sends the browser to the payment page, or to the order's own page if the gateway gave nothing but a code.
func leadToPay(c echo.Context, charge store.Charge) error {
	if charge.PayURL == "" {
		return seeOther(c, orderPath(charge.OrderID))
	}
	return seeOther(c, charge.PayURL)
}

// notPossible leads back to an order whose state allows no longer what was asked.
func (s *Server) notPossible(c echo.Context, orderID uuid.UUID) error {
	s.flash(c, views.NotPossible)
	return seeOther(c, orderPath(orderID))
}

func orderPath(id uuid.UUID) string { return "/orders/" + id.String() }
