package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// show shows a fan's own ticket, on screen or as a PDF to print.
func (s *tickets) show(c echo.Context) error {
	text, pdf := strings.CutSuffix(c.Param("id"), ".pdf")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != text {
		return notFound()
	}
	model, err := s.model(c, id)
	if err != nil {
		return err
	}
	switch {
	case !pdf:
		return s.render(c, http.StatusOK, views.TicketPage(s.frame(c), model))
	case model.Code == "":
		return seeOther(c, "/tickets/"+text) // paper would outlive what the page says
	}
	return s.sendPDF(c, model)
}

// gate shows the code of a ticket and nothing else, white on the whole screen.
func (s *tickets) gate(c echo.Context) error {
	id, err := pathNumber(c, "id")
	if err != nil {
		return err
	}
	model, err := s.model(c, id)
	if err != nil {
		return err
	}
	if model.Code == "" {
		return seeOther(c, fmt.Sprintf("/tickets/%d", id)) // which says why
	}
	return s.render(c, http.StatusOK, views.TicketGate(s.frame(c), model))
}

// model is a ticket of the account. Only one that is good for entry gets its code.
func (s *tickets) model(c echo.Context, id int64) (m views.TicketModel, err error) {
	ctx := c.Request().Context()
	ticket, err := s.store.Ticket(ctx, id)
	if err != nil {
		return m, err
	}
	if ticket.AccountID != account(c).ID {
		return m, notFound()
	}
	holder, err := s.store.Account(ctx, ticket.AccountID)
	if err != nil {
		return m, err
	}
	event, err := s.catalog.event(ctx, ticket.EventID)
	if err != nil {
		return m, err
	}
	kind, _ := event.Type(ticket.TicketTypeID) // the schema keeps the type of a ticket in its event
	m = views.TicketModel{Event: event, Type: kind, Ticket: ticket, Holder: holder.Name, CPF: holder.CPF}
	if ticket.Good() && event.Status != store.EventCancelled {
		m.Code = s.coder.Code(ticket)
	}
	return m, nil
}

// sendPDF sends a ticket, whole or not at all, under a telling file name.
func (s *tickets) sendPDF(c echo.Context, m views.TicketModel) error {
	var b bytes.Buffer
	if err := views.TicketPDF(&b, language(c), m); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`inline; filename="guiche-%s-%04d.pdf"`, m.Event.Slug, m.Ticket.Number))
	return c.Blob(http.StatusOK, "application/pdf", b.Bytes())
}
