package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundCreate takes tickets back: they are void at once; the generator returns the stock, the worker the money.
func (s *money) refundCreate(c echo.Context) error {
	model, err := s.finder.own(c)
	if err != nil {
		return err
	}
	order := model.Order
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	chosen, known := chosenTickets(order, posted["ticket"])
	if !known {
		form := views.NewForm(nil)
		form.Fail("ticket", views.TicketNotYours)
		return s.renderRefund(c, http.StatusUnprocessableEntity, model, form)
	}
	switch refundRefusal(order, model.Event, time.Now()) {
	case views.RefundNothing: // given back before, or never paid: the order's page says so
		return s.notPossible(c, orderPath(order.ID))
	case views.RefundTooLate, views.RefundTooNear, views.RefundByShop:
		return s.renderRefund(c, http.StatusUnprocessableEntity, model, views.Form{})
	}
	ctx := c.Request().Context()
	refund, err := s.store.AskRefund(ctx, order.ID, order.AccountID, chosen)
	if errors.Is(err, store.ErrState) {
		return s.notPossible(c, orderPath(order.ID)) // another click was first
	}
	if err != nil {
		return err
	}
	s.log(c).Info("refund asked", "order", order.ID, "refund", refund.ID, "tickets", refund.Quantity)
	s.hints.refund(c, refund)
	if refund.AmountCents > 0 {
		s.flash(c, views.RefundAsked(refund.AmountCents, order.Currency))
	}
	return seeOther(c, orderPath(order.ID))
}

// chosenTickets are the ids of the tickets that were ticked, each once; known is false if one is not the order's.
func chosenTickets(o store.Order, texts []string) (ids []int64, known bool) {
	for _, text := range texts {
		at := slices.IndexFunc(o.Tickets, func(t store.Ticket) bool { return strconv.FormatInt(t.ID, 10) == text })
		if at < 0 {
			return nil, false
		}
		if id := o.Tickets[at].ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, true
}
