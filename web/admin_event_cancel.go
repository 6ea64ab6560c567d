package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// cancelForm says what cancelling an event does.
func (s *admin) cancelForm(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	return s.renderCancel(c, http.StatusOK, event, views.Form{})
}

// cancel cancels an event. Generator and worker then undo its orders, row by row.
func (s *admin) cancel(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "name")
	if err != nil {
		return err
	}
	if !form.OK() {
		return s.renderCancel(c, http.StatusUnprocessableEntity, event, form)
	}
	ctx := c.Request().Context()
	err = s.store.CancelEvent(ctx, account(c).ID, event.ID, form.Value("name"))
	switch {
	case errors.Is(err, store.ErrName):
		form.Fail("name", views.EventNameBad)
		return s.renderCancel(c, http.StatusUnprocessableEntity, event, form)
	case errors.Is(err, store.ErrState): // a second click, or a draft
		if event, err = s.event(c); err != nil {
			return err
		}
		if event.Status != store.EventCancelled {
			return s.notPossible(c, adminEventPath(event.ID))
		}
	case err != nil:
		return err
	default:
		s.catalog.forget()
		s.log(c).Warn("event cancelled", "event", event.ID)
		s.hints.cancelled(c, event.ID)
	}
	s.flash(c, views.EventUndone)
	return seeOther(c, adminEventPath(event.ID))
}

func (s *admin) renderCancel(c echo.Context, status int, event store.Event, form views.Form) error {
	if event.Status != store.Published {
		return s.notPossible(c, adminEventPath(event.ID))
	}
	ctx := c.Request().Context()
	forecast, err := s.store.CancelForecast(ctx, event.ID)
	if err != nil {
		return err
	}
	line, err := s.line.Snapshot(ctx, event.ID)
	if err != nil {
		return unavailable(err)
	}
	return s.render(c, status, views.AdminCancel(s.frame(c), views.AdminCancelModel{
		Event: event, Forecast: forecast, InLine: int(line.InLine()), Form: form,
	}))
}
