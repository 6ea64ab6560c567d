package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// adminEventShow shows an event with its ticket types and their books.
func (s *Server) adminEventShow(c echo.Context) error {
	event, err := s.adminEvent(c)
	if err != nil {
		return err
	}
	return s.renderAdminEvent(c, http.StatusOK, views.AdminEventModel{Event: event})
}

// renderAdminEvent adds the books to an event, recounted from rows, and what the line knows.
func (s *Server) renderAdminEvent(c echo.Context, status int, m views.AdminEventModel) error {
	ctx := c.Request().Context()
	books, err := s.Store.Books(ctx, m.Event.ID)
	if err != nil {
		return err
	}
	line, err := s.cache.Snapshot(ctx, m.Event.ID)
	if err != nil {
		return unavailable(err)
	}
	for _, b := range books {
		kind, found := m.Event.Type(b.TicketTypeID)
		if !found {
			continue // it was made a moment ago, after the event was read
		}
		t := views.TypeBooks{Type: kind, Books: views.Books{
			Capacity: b.Capacity, Held: b.Held, Sold: b.Sold, Free: b.Free(), InLine: int(line.InLineOf(b.TicketTypeID)),
		}}
		if b.Change != "" {
			t.Change = &views.CapacityChange{Capacity: b.ChangeTo, Outcome: b.Change, AskedAt: b.ChangeAt}
		}
		m.Types = append(m.Types, t)
	}
	return s.render(c, status, views.AdminEvent(s.frame(c), m))
}

// adminEventPublish shows a draft to fans.
func (s *Server) adminEventPublish(c echo.Context) error {
	event, err := s.adminEvent(c)
	if err != nil {
		return err
	}
	if event.Status == store.Draft {
		if len(event.Types) == 0 { // the page says what is missing
			return s.renderAdminEvent(c, http.StatusUnprocessableEntity, views.AdminEventModel{Event: event})
		}
		err := s.Store.PublishEvent(c.Request().Context(), account(c).ID, event.ID)
		if err != nil && !errors.Is(err, store.ErrState) { // a second click finds it published
			return err
		}
		s.catalog.forget()
	}
	s.flash(c, views.EventPublished)
	return seeOther(c, adminEventPath(event.ID))
}

func adminEventPath(id int64) string { return "/admin/events/" + strconv.FormatInt(id, 10) }
