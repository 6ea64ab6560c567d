package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// typeCreate adds a ticket type to an event. Its stock comes from the generator.
func (s *admin) typeCreate(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	if event.Status == store.EventCancelled {
		return closedSale(adminEventPath(event.ID))
	}
	form, err := readForm(c, append([]string{"capacity", "form_id"}, typeFields...)...)
	if err != nil {
		return err
	}
	fields := newForm(&form, s.frame(c).Language)
	kind, _ := readType(fields, store.TicketType{EventID: event.ID})
	s.checkPrice(&form, event, kind)
	kind.Capacity, kind.FormID = fields.number("capacity", 0, mostCapacity), formID(form)
	var change int64
	if form.OK() {
		_, change, err = s.store.CreateTicketType(c.Request().Context(), account(c).ID, kind)
		if errors.Is(err, store.ErrNameTaken) {
			form.Fail("name", views.TypeNameTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEvent(c, http.StatusUnprocessableEntity, views.AdminEventModel{Event: event, Failed: form, TypeKey: kind.FormID.UUID.String()})
	}
	s.hints.capacity(c, change)
	s.catalog.forget()
	s.flash(c, views.TypeSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// typeUpdate changes the texts and the price of a ticket type; accepted orders keep theirs.
func (s *admin) typeUpdate(c echo.Context) error {
	event, kind, err := s.ticketType(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, typeFields...)
	if err != nil {
		return err
	}
	language := s.frame(c).Language
	edit := readEdit(&form, language, c.Request().PostForm.Get(views.SeenField), views.TypeValues(language, kind, event.Currency))
	kind, columns := readType(edit, kind)
	s.checkPrice(&form, event, kind)
	if form.OK() && len(columns) > 0 {
		err = s.store.UpdateTicketType(c.Request().Context(), account(c).ID, kind, columns...)
		if errors.Is(err, store.ErrNameTaken) {
			form.Fail("name", views.TypeNameTaken)
		} else if err != nil {
			return err
		}
	}
	if !form.OK() {
		return s.renderEvent(c, http.StatusUnprocessableEntity,
			views.AdminEventModel{Event: event, Failed: form, FailedType: kind.ID})
	}
	s.catalog.forget()
	s.flash(c, views.TypeSaved)
	return seeOther(c, adminEventPath(event.ID))
}

// capacity asks the generator for another capacity; the event's page shows the outcome.
func (s *admin) capacity(c echo.Context) error {
	event, kind, err := s.ticketType(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "capacity")
	if err != nil {
		return err
	}
	capacity := newForm(&form, s.frame(c).Language).number("capacity", 0, mostCapacity)
	if !form.OK() {
		return s.renderEvent(c, http.StatusUnprocessableEntity,
			views.AdminEventModel{Event: event, Failed: form, FailedType: kind.ID, FailedCapacity: true})
	}
	change, err := s.store.AskCapacity(c.Request().Context(), account(c).ID, kind.ID, capacity)
	if err != nil {
		return err
	}
	s.hints.capacity(c, change)
	s.flash(c, views.CapacityAsked)
	return seeOther(c, adminEventPath(event.ID))
}

// ticketType is the ticket type that the path names, and its event. That of a cancelled event stays as it is.
func (s *admin) ticketType(c echo.Context) (store.Event, store.TicketType, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return store.Event{}, store.TicketType{}, err
	}
	event, err := s.store.EventOfType(c.Request().Context(), id)
	if err != nil {
		return store.Event{}, store.TicketType{}, err
	}
	kind, found := event.Type(id)
	if !found {
		return store.Event{}, store.TicketType{}, notFound()
	}
	if event.Status == store.EventCancelled && c.Request().Method == http.MethodPost {
		return store.Event{}, store.TicketType{}, closedSale(adminEventPath(event.ID))
	}
	return event, kind, nil
}
