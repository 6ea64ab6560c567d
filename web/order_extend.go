package web

import (
	"errors"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// orderExtend lengthens a hold, once, for whoever needs more time to pay.
func (s *Server) orderExtend(c echo.Context) error {
	m, err := s.ownOrder(c)
	if err != nil {
		return err
	}
	o, err := s.Store.ExtendHold(c.Request().Context(), m.Order.ID, m.Order.AccountID)
	switch {
	case errors.Is(err, store.ErrState) || errors.Is(err, store.ErrNotFound): // in line it has no row yet
		return s.notPossible(c, m.Order.ID)
	case err != nil:
		return err
	}
	if err := s.nudges.Overdue(c.Request().Context(), o.ReservedUntil); err != nil {
		s.log(c).Warn("the longer deadline was not armed", "order", o.ID, "error", err) // the worker's rounds find it
	}
	s.flash(c, views.HoldLonger)
	return seeOther(c, orderPath(o.ID))
}
