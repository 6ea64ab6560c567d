package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

func (s *shop) home(c echo.Context) error {
	ctx := c.Request().Context()
	shown, err := s.catalog.list(ctx)
	if err != nil {
		return err
	}
	m := views.HomeModel{Events: make([]views.EventCard, 0, len(shown.events))}
	for _, e := range shown.events {
		m.Events = append(m.Events, views.EventCard{Event: e, Left: s.left(ctx, e)})
	}
	return s.render(c, http.StatusOK, views.Home(s.frame(c), m))
}
