package web

import (
	"errors"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// extend lengthens a hold, once, for whoever needs more time to pay.
func (s *money) extend(c echo.Context) error {
	m, err := s.finder.own(c)
	if err != nil {
		return err
	}
	o, err := s.store.ExtendHold(c.Request().Context(), m.Order.ID, m.Order.AccountID)
	switch {
	case errors.Is(err, store.ErrState) && o.Status == store.Reserved && o.Extended: // a second click
	case errors.Is(err, store.ErrState) || errors.Is(err, store.ErrNotFound): // in line it has no row yet
		return s.notPossible(c, orderPath(m.Order.ID))
	case err != nil:
		return err
	default:
		s.hints.deadline(c, o)
	}
	s.flash(c, views.HoldLonger)
	return seeOther(c, orderPath(o.ID))
}
