package web

import (
	"github.com/labstack/echo/v4"

	"guiche/jobs/line"
	"guiche/store"
)

// admin serves those who run the events.
type admin struct {
	*pages
	store   *store.Store
	line    *line.Line
	catalog *catalog
	hints   *hints
}

// event is the event that the path names; it may be a draft.
func (s *admin) event(c echo.Context) (store.Event, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return store.Event{}, err
	}
	return s.store.Event(c.Request().Context(), id)
}
