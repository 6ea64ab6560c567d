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
	ids := make([]int64, len(shown.events))
	for i, e := range shown.events {
		ids[i] = e.ID
	}
	known, err := s.live.snapshots(ctx, ids...)
	if err != nil {
		s.log(c).Warn("the lines are not known", "error", err) // the rows are
	}
	m := views.HomeModel{Events: make([]views.EventCard, 0, len(shown.events))}
	for _, e := range shown.events {
		m.Events = append(m.Events, views.EventCard{Event: e, Left: leftIn(known[e.ID], e)})
	}
	return s.render(c, http.StatusOK, views.Home(s.frame(c), m))
}
