package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundCreate takes back tickets of an order, gives back part of its money, or both. A form that is sent twice finds
// the refund that it made.
func (s *admin) refundCreate(c echo.Context) error {
	order, err := s.order(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "refund_id", "used", "amount", "note")
	if err != nil {
		return err
	}
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	chosen, known := chosenTickets(order, url.Values{"ticket": posted["ticket"]})
	if !known {
		form.Fail("ticket", views.TicketNotYours)
	}
	id, ok := parseUUID(form.Value("refund_id"))
	if !ok {
		form.Fail("", views.OrderIDBad)
		id = store.NewID()
	}
	f := fieldReader{&form, s.frame(c).Language}
	asked := store.AdminRefund{
		ID: id, OrderID: order.ID, TicketIDs: chosen, Used: form.Value("used") != "", Note: f.text("note", 1, 500),
	}
	if form.Value("amount") != "" {
		cents := f.money("amount", mostCents*100)
		asked.Cents = &cents
	}
	refund := store.Refund{}
	if form.OK() {
		refund, err = s.store.AdminRefund(c.Request().Context(), account(c).ID, asked)
		switch {
		case errors.Is(err, store.ErrTooMuch):
			form.Fail("amount", views.RefundTooMuch(store.RefundLeftCents(order), order.Currency))
		case errors.Is(err, store.ErrUsed):
			form.Fail("used", views.RefundUsed)
		case errors.Is(err, store.ErrNothing):
			form.Fail("ticket", views.RefundChoose)
		case errors.Is(err, store.ErrState): // it changed meanwhile
			return s.notPossible(c, adminOrderPath(order.ID))
		case err != nil:
			return err
		}
	}
	if !form.OK() {
		m := views.AdminOrderModel{Order: order, RefundID: id, Form: form, Chosen: map[int64]bool{}}
		for _, ticket := range chosen {
			m.Chosen[ticket] = true
		}
		return s.renderOrder(c, http.StatusUnprocessableEntity, m)
	}
	s.log(c).Info("refund by admin", "order", order.ID, "refund", refund.ID, "tickets", refund.Quantity)
	s.hints.refund(c, refund)
	if refund.AmountCents > 0 {
		s.flash(c, views.RefundAsked(refund.AmountCents, order.Currency))
	} else {
		s.flash(c, views.RefundSaved)
	}
	return seeOther(c, adminOrderPath(order.ID))
}

// refundRetry tries a refund again that the gateway refused.
func (s *admin) refundRetry(c echo.Context) error {
	id, err := pathUUID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	refund, err := s.store.RetryRefund(ctx, account(c).ID, id)
	switch {
	case errors.Is(err, store.ErrState) && refund.Status == store.RefundDone: // what was asked for, and perhaps by a second click
		s.flash(c, views.RefundRetried)
	case errors.Is(err, store.ErrState): // it was settled, or another refund of its charge is under way
		s.flash(c, views.NotPossible)
	case err != nil:
		return err
	default:
		s.hints.refund(c, refund)
		s.flash(c, views.RefundRetried)
	}
	return seeOther(c, adminOrderPath(refund.OrderID))
}
