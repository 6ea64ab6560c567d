package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundCreate takes tickets back: they are void at once; the generator returns the stock, the worker the money. The form
// that people confirm carries the sum that it showed, in cents; programs need not.
func (s *money) refundCreate(c echo.Context) error {
	order, err := s.finder.own(c)
	if err != nil {
		return err
	}
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	m := refundModel(order)
	chosen, known := chosenTickets(m.Order, posted)
	if again, err := s.refundAgain(c, m.Order, chosen, known && (len(chosen) > 0 || posted.Get("all") == "yes")); again || err != nil {
		return err
	}
	if known {
		m.Chosen = chosen
	}
	if m.Refusal == views.RefundNothing { // given back by somebody else, or never paid: the order's page says so
		return s.notPossible(c, orderPath(m.Order.ID))
	}
	if !m.Refusal.Zero() {
		return s.refundPage(c, http.StatusUnprocessableEntity, m)
	}
	if status, fault := refundFault(m.Order, chosen, known); !fault.Zero() {
		m.Form.Fail("ticket", fault)
		return s.refundPage(c, status, m)
	}
	if shown, err := strconv.ParseInt(posted.Get("amount"), 10, 64); err == nil && shown != m.ChosenCents() {
		m.Form.Fail("", views.RefundChanged(shown, m.Order.Currency))
		return s.render(c, http.StatusConflict, views.RefundConfirm(s.frame(c), m))
	}
	ctx := c.Request().Context()
	refund, err := s.store.AskRefund(ctx, m.Order.ID, m.Order.AccountID, chosen)
	if errors.Is(err, store.ErrState) { // another click was first
		if again, err := s.refundAgain(c, m.Order, chosen, true); again || err != nil {
			return err
		}
		return s.notPossible(c, orderPath(m.Order.ID))
	}
	if err != nil {
		return err
	}
	s.log(c).Info("refund asked", "order", m.Order.ID, "refund", refund.ID, "tickets", refund.Quantity)
	s.hints.refund(c, refund)
	return s.refundAsked(c, m.Order, refund.AmountCents)
}

func (s *money) refundAsked(c echo.Context, o store.Order, cents int64) error {
	if cents > 0 {
		s.flash(c, views.RefundAsked(cents, o.Currency))
	}
	return seeOther(c, orderPath(o.ID))
}

// refundAgain answers a form that was sent before, and succeeded: it ends as it did then.
func (s *money) refundAgain(c echo.Context, o store.Order, tickets []int64, asked bool) (again bool, err error) {
	if !asked {
		return false, nil
	}
	refunds, err := s.store.FanRefunds(c.Request().Context(), o.ID, tickets)
	if err != nil || len(refunds) == 0 {
		return false, err
	}
	cents := int64(0)
	for _, r := range refunds {
		cents += r.AmountCents
	}
	return true, s.refundAsked(c, o, cents)
}
