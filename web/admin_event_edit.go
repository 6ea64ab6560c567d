package web

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// eventNew shows the form of a new event.
func (s *admin) eventNew(c echo.Context) error {
	return s.renderEventForm(c, http.StatusOK, views.EventFormModel{Form: views.NewForm(views.NewEventValues()), Key: uuid.NewString()})
}

// eventCreate makes a draft. The same form sent again finds the draft that it made.
func (s *admin) eventCreate(c echo.Context) error {
	form, err := readForm(c, append([]string{"form_id"}, eventFields...)...)
	if err != nil {
		return err
	}
	event, _ := readEvent(newForm(&form, s.frame(c).Language), store.Event{Status: store.Draft})
	event.FormID = formID(form)
	if form.OK() {
		event, err = s.store.CreateEvent(c.Request().Context(), account(c).ID, event)
		if err := failEvent(&form, err); err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEventForm(c, http.StatusUnprocessableEntity, views.EventFormModel{Form: form, Key: event.FormID.UUID.String()})
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
	return s.renderEventForm(c, http.StatusOK, views.EventFormModel{Event: event, Form: views.NewForm(views.EventValues(event))})
}

// eventUpdate changes what was touched of an event, for orders accepted from now on; earlier ones keep their rules.
func (s *admin) eventUpdate(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, eventFields...)
	if err != nil {
		return err
	}
	edit := readEdit(&form, s.frame(c).Language, c.Request().PostForm.Get(views.SeenField), views.EventValues(event))
	changed, columns := readEvent(edit, event)
	if form.OK() && len(columns) > 0 {
		err = s.store.UpdateEvent(c.Request().Context(), account(c).ID, changed, columns...)
		if err := failEvent(&form, err); err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEventForm(c, http.StatusUnprocessableEntity, views.EventFormModel{Event: event, Form: form})
	}
	s.catalog.forget()
	s.flash(c, views.EventSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// failEvent notes what Postgres has against an event; any other error comes back.
func failEvent(form *views.Form, err error) error {
	switch {
	case errors.Is(err, store.ErrSlugTaken):
		form.Fail("slug", views.SlugTaken)
	case errors.Is(err, store.ErrSaleWindow): // somebody else moved the other end meanwhile
		form.Fail("sale_ends_at", views.SaleEndsTooEarly)
	default:
		return err
	}
	return nil
}

// formID names the form of a new thing; any name will do for a program that sends none.
func formID(form views.Form) uuid.NullUUID {
	id, err := uuid.Parse(form.Value("form_id"))
	if err != nil {
		id = uuid.New()
	}
	return uuid.NullUUID{UUID: id, Valid: true}
}

func (s *admin) renderEventForm(c echo.Context, status int, m views.EventFormModel) error {
	m.Late = s.lateRefunds(m.Event)
	return s.render(c, status, views.EventForm(s.frame(c), m))
}
