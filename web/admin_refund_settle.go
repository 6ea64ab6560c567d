package web

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundSettle ends a refund that the gateway will not send: an admin says how the money reached its fan outside it.
func (s *admin) refundSettle(c echo.Context) error {
	id, err := pathUUID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	order, err := s.store.RefundOrder(ctx, id)
	if err != nil {
		return err
	}
	form, err := readForm(c, "note")
	if err != nil {
		return err
	}
	f := fieldReader{&form, s.frame(c).Language}
	note := f.text("note", 1, 500)
	if !form.OK() {
		return s.renderOrder(c, http.StatusUnprocessableEntity, views.AdminOrderModel{Order: order, RefundID: uuid.New(), Settling: id, Settle: form})
	}
	r, err := s.store.SettleRefund(ctx, account(c).ID, id, note)
	switch {
	case errors.Is(err, store.ErrState) && r.Status == store.RefundSettled: // a second click
		s.flash(c, views.RefundSettled)
	case errors.Is(err, store.ErrState): // it came, or is on its way
		s.flash(c, views.NotPossible)
	case err != nil:
		return err
	default:
		s.log(c).Info("refund settled outside by admin", "order", order.ID, "refund", id)
		s.hints.letters(c)
		s.hints.check(c, s.line.TellOrder(ctx, order), "the fan's page is late", "order", order.ID)
		s.flash(c, views.RefundSettled)
	}
	return seeOther(c, adminOrderPath(order.ID))
}
