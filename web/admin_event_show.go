package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// eventShow shows an event with its ticket types and their books.
func (s *admin) eventShow(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	return s.renderEvent(c, http.StatusOK, views.AdminEventModel{Event: event})
}

// renderEvent adds an event's books, recounted from rows, and what the line knows.
func (s *admin) renderEvent(c echo.Context, status int, m views.AdminEventModel) error {
	ctx := c.Request().Context()
	books, err := s.store.Books(ctx, m.Event.ID)
	if err != nil {
		return err
	}
	line, err := s.line.Snapshot(ctx, m.Event.ID)
	if err != nil {
		return unavailable(err)
	}
	m.InLine, m.Late = int(line.InLine()), s.lateRefunds(m.Event)
	if m.TypeKey == "" {
		m.TypeKey = uuid.NewString()
	}
	for _, b := range books {
		kind, found := m.Event.Type(b.TicketTypeID)
		if !found {
			continue // created a moment ago, after the event was read
		}
		t := views.TypeBooks{Type: kind, Books: views.Books{
			Capacity: b.Capacity, Held: b.Held, Sold: b.Sold, Free: b.Free(), InLine: int(line.InLineOf(b.TicketTypeID)),
		}}
		if b.Change != "" {
			t.Change = &views.CapacityChange{Capacity: b.ChangeTo, Outcome: b.Change, AskedAt: b.ChangeAt}
		}
		m.Types = append(m.Types, t)
	}
	if m.Event.Status == store.EventCancelled {
		progress, err := s.store.CancelProgress(ctx, m.Event.ID)
		if err != nil {
			return err
		}
		m.Progress = &progress
	}
	return s.render(c, status, views.AdminEvent(s.frame(c), m))
}

// eventPublish shows a draft to fans.
func (s *admin) eventPublish(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	if event.Status == store.Draft {
		if len(event.Types) == 0 { // the page says what is missing
			return s.renderEvent(c, http.StatusUnprocessableEntity, views.AdminEventModel{Event: event})
		}
		if event.StartsAt.Before(time.Now()) {
			s.flash(c, views.ShowPast)
			return seeOther(c, adminEventPath(event.ID)+"/edit")
		}
		err := s.store.PublishEvent(c.Request().Context(), account(c).ID, event.ID)
		if err != nil && !errors.Is(err, store.ErrState) { // a second click finds it published
			return err
		}
		s.catalog.forget()
	}
	s.flash(c, views.EventPublished)
	return seeOther(c, adminEventPath(event.ID))
}

// eventPause stops serving an event; orders that join meanwhile are parked in order.
func (s *admin) eventPause(c echo.Context) error {
	return s.pauseEvent(c, true, views.EventPaused)
}

// eventResume serves an event again, parked orders first.
func (s *admin) eventResume(c echo.Context) error {
	return s.pauseEvent(c, false, views.EventResumed)
}

func (s *admin) pauseEvent(c echo.Context, paused bool, said views.Message) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = s.store.PauseEvent(ctx, account(c).ID, event.ID, paused)
	switch {
	case errors.Is(err, store.ErrState):
		if event, err = s.event(c); err != nil {
			return err
		}
		if event.Status != store.Published || event.Paused != paused { // a draft; else a second click
			said = views.NotPossible
		}
	case err != nil:
		return err
	case !paused:
		s.hints.resume(c, event.ID)
	}
	s.catalog.forget()
	s.flash(c, said)
	return seeOther(c, adminEventPath(event.ID))
}
