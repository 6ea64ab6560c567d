package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/jobs/line"
	"guiche/store"
	"guiche/views"
)

// create lets an account join the line of an event. A form that is sent again finds the order that it made.
// In a rush everybody comes this way: it asks Redis, and Postgres only about an entry that looks stale.
func (s *orders) create(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	e, err := s.shop.catalog.bySlug(ctx, c.Param("slug"))
	if err != nil {
		return err
	}
	form, err := readForm(c, "order_id", "ticket_type", "quantity", "keep")
	if err != nil {
		return err
	}
	id, idOK := parseUUID(form.Value("order_id"))
	if e.Sale(time.Now()) != store.SaleOpen {
		if _, err := s.finder.find(ctx, who.ID, id); idOK && err == nil {
			return s.joined(c, "repeat", id) // it was accepted while the sale was open
		}
		return closedSale("/events/" + e.Slug)
	}
	typeID, err := strconv.ParseInt(form.Value("ticket_type"), 10, 64)
	t, typeOK := e.Type(typeID)
	if err != nil || !typeOK {
		form.Fail("ticket_type", views.TypeMissing)
	}
	quantity, err := strconv.Atoi(form.Value("quantity"))
	if err != nil || quantity < 1 || quantity > e.PerPerson {
		form.Fail("quantity", views.QuantityBad(e.PerPerson))
	}
	if !idOK {
		form.Fail("", views.OrderIDBad)
		id = store.NewID()
	}
	if !form.OK() {
		return s.orderAgain(c, http.StatusUnprocessableEntity, e, form, id)
	}
	err = s.limits.count(c, attempt{"join", s.limits.Join, strconv.FormatInt(who.ID, 10)})
	if mustWait(c, &form, err) {
		return s.orderAgain(c, http.StatusTooManyRequests, e, form, id)
	}
	if err != nil {
		return err
	}
	joined, err := s.join(c, store.QueuedOrder{
		ID: id, EventID: e.ID, TicketTypeID: t.ID, AccountID: who.ID, Quantity: quantity,
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: e.Currency, PerPerson: e.PerPerson,
		HoldSeconds: e.HoldSeconds, RefundPolicy: e.RefundPolicy,
		Keep: form.Value("keep") != "", AcceptedAt: time.Now(),
	})
	switch {
	case errors.Is(err, line.ErrForeign):
		form.Fail("", views.OrderIDBad)
		return s.orderAgain(c, http.StatusUnprocessableEntity, e, form, store.NewID())
	case err != nil:
		return unavailable(err)
	case !joined.Fresh:
		return s.joined(c, "repeat", joined.OrderID)
	}
	s.log(c).Info("order joined", "order", joined.OrderID, "event", e.ID)
	return s.joined(c, "fresh", joined.OrderID)
}

// join joins the line, and tries once more if the open order that stood in the way is not open any more.
func (s *orders) join(c echo.Context, o store.QueuedOrder) (line.Joined, error) {
	ctx := c.Request().Context()
	j, err := s.line.Join(ctx, o)
	if err != nil || j.Fresh || j.OrderID == o.ID {
		return j, err
	}
	open, err := s.finder.stillOpen(ctx, o.EventID, o.AccountID, j.OrderID)
	if err != nil || open {
		return j, err
	}
	return s.line.Join(ctx, o)
}

func (s *orders) joined(c echo.Context, result string, id uuid.UUID) error {
	s.metrics.joins.WithLabelValues(result).Inc()
	return seeOther(c, orderPath(id))
}

// orderAgain shows the event again, with what was chosen and what is wrong with it.
func (s *orders) orderAgain(c echo.Context, status int, e store.Event, form views.Form, id uuid.UUID) error {
	s.metrics.joins.WithLabelValues("sent_back").Inc()
	return s.shop.eventPage(c, status, e, form, id)
}
