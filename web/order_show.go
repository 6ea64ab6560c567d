package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

func (s *Server) orderShow(c echo.Context) error {
	id, err := pathUUID(c, "id")
	if err != nil {
		return err
	}
	m, err := s.orderModel(c.Request().Context(), account(c).ID, id)
	if err != nil {
		return err
	}
	s.nudgeLook(c, m.Order) // she may be on her way back from paying
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if wantsJSON(c) {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusOK, newOrderJSON(m))
	}
	return s.render(c, http.StatusOK, views.OrderPage(s.frame(c), m))
}
