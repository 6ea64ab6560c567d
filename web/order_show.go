package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *orders) show(c echo.Context) error {
	m, err := s.finder.own(c)
	if errors.Is(err, store.ErrNotFound) {
		return &problem{status: http.StatusNotFound, order: true, cause: err}
	}
	if err != nil {
		return err
	}
	s.hints.pollShown(c, m.Order) // she may be on her way back from paying
	if m.Changing() {
		s.passes.give(c, m.Order)
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept+", HX-Request")
	switch {
	case wantsJSON(c):
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusOK, newOrderJSON(m))
	case wantsPart(c):
		return s.render(c, http.StatusOK, views.OrderPart(s.partFrame(c), m))
	}
	return s.render(c, http.StatusOK, views.OrderPage(s.frame(c), m))
}
