package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// adminTypeCreate adds a ticket type to an event. Its stock comes from the generator.
func (s *Server) adminTypeCreate(c echo.Context) error {
	event, err := s.adminEvent(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, append([]string{"capacity"}, typeFields...)...)
	if err != nil {
		return err
	}
	kind := readType(&form, store.TicketType{EventID: event.ID})
	kind.Capacity = fieldReader{&form}.number("capacity", 0, mostCapacity)
	var change int64
	if form.OK() {
		_, change, err = s.Store.CreateTicketType(c.Request().Context(), account(c).ID, kind)
		if errors.Is(err, store.ErrNameTaken) {
			form.Fail("name", views.TypeNameTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderAdminEvent(c, http.StatusUnprocessableEntity, views.AdminEventModel{Event: event, Failed: form})
	}
	s.nudgeCapacity(c, change)
	s.catalog.forget()
	s.flash(c, views.TypeSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// adminTypeUpdate changes what a ticket type says and costs; accepted orders keep their price.
func (s *Server) adminTypeUpdate(c echo.Context) error {
	event, kind, err := s.adminType(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, typeFields...)
	if err != nil {
		return err
	}
	kind = readType(&form, kind)
	if form.OK() {
		err = s.Store.UpdateTicketType(c.Request().Context(), account(c).ID, kind)
		if errors.Is(err, store.ErrNameTaken) {
			form.Fail("name", views.TypeNameTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderAdminEvent(c, http.StatusUnprocessableEntity,
			views.AdminEventModel{Event: event, Failed: form, FailedType: kind.ID})
	}
	s.catalog.forget()
	s.flash(c, views.TypeSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// adminCapacity asks the generator for another capacity; the page of the event shows what became of it.
func (s *Server) adminCapacity(c echo.Context) error {
	event, kind, err := s.adminType(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "capacity")
	if err != nil {
		return err
	}
	capacity := fieldReader{&form}.number("capacity", 0, mostCapacity)
	if !form.OK() {
		return s.renderAdminEvent(c, http.StatusUnprocessableEntity,
			views.AdminEventModel{Event: event, Failed: form, FailedType: kind.ID, FailedCapacity: true})
	}
	change, err := s.Store.AskCapacity(c.Request().Context(), account(c).ID, kind.ID, capacity)
	if err != nil {
		return err
	}
	s.nudgeCapacity(c, change)
	s.flash(c, views.CapacityAsked)
	return seeOther(c, adminEventPath(event.ID))
}

// adminType is the ticket type that the path names, and its event.
func (s *Server) adminType(c echo.Context) (store.Event, store.TicketType, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return store.Event{}, store.TicketType{}, err
	}
	event, err := s.Store.EventOfType(c.Request().Context(), id)
	if err != nil {
		return store.Event{}, store.TicketType{}, err
	}
	kind, found := event.Type(id)
	if !found {
		return store.Event{}, store.TicketType{}, notFound()
	}
	return event, kind, nil
}

// nudgeCapacity tells the generator of a wish; should that fail, the worker's rounds find the row.
func (s *Server) nudgeCapacity(c echo.Context, change int64) {
	if err := s.nudges.SetCapacity(c.Request().Context(), change); err != nil {
		s.log(c).Warn("a capacity change waits for the worker's rounds", "change", change, "error", err)
	}
}
