package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// list shows the tickets that are good for entry, the next show first.
func (s *tickets) list(c echo.Context) error {
	ctx := c.Request().Context()
	tickets, err := s.store.AccountTickets(ctx, account(c).ID)
	if err != nil {
		return err
	}
	model := views.TicketsModel{Tickets: make([]views.TicketModel, 0, len(tickets))}
	var event store.Event
	for _, t := range tickets { // sorted by event
		if t.EventID != event.ID {
			if event, err = s.catalog.event(ctx, t.EventID); err != nil {
				return err
			}
		}
		kind, _ := event.Type(t.TicketTypeID) // the schema keeps the type of a ticket in its event
		model.Tickets = append(model.Tickets, views.TicketModel{Event: event, Type: kind, Ticket: t})
	}
	return s.render(c, http.StatusOK, views.Tickets(s.frame(c), model))
}
