package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// eventNew shows the form of a new event.
func (s *admin) eventNew(c echo.Context) error {
	return s.renderEventForm(c, http.StatusOK, 0, views.NewForm(views.NewEventValues()))
}

// eventCreate makes a draft.
func (s *admin) eventCreate(c echo.Context) error {
	form, err := readForm(c, eventFields...)
	if err != nil {
		return err
	}
	event := readEvent(&form, store.Event{Status: store.Draft})
	if form.OK() {
		event, err = s.store.CreateEvent(c.Request().Context(), account(c).ID, event)
		if errors.Is(err, store.ErrSlugTaken) {
			form.Fail("slug", views.SlugTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEventForm(c, http.StatusUnprocessableEntity, 0, form)
	}
	s.catalog.forget()
	s.flash(c, views.EventSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// eventEdit shows the form of an event, filled in.
func (s *admin) eventEdit(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	return s.renderEventForm(c, http.StatusOK, event.ID, views.NewForm(views.EventValues(event)))
}

// eventUpdate changes an event for orders accepted from now on; earlier ones keep their rules.
func (s *admin) eventUpdate(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, eventFields...)
	if err != nil {
		return err
	}
	event = readEvent(&form, event)
	if form.OK() {
		err = s.store.UpdateEvent(c.Request().Context(), account(c).ID, event)
		if errors.Is(err, store.ErrSlugTaken) {
			form.Fail("slug", views.SlugTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEventForm(c, http.StatusUnprocessableEntity, event.ID, form)
	}
	s.catalog.forget()
	s.flash(c, views.EventSaved)
	return seeOther(c, adminEventPath(event.ID))
}

func (s *admin) renderEventForm(c echo.Context, status int, id int64, form views.Form) error {
	return s.render(c, status, views.EventForm(s.frame(c), views.EventFormModel{ID: id, Form: form}))
}
