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

// wishFields are what a buy form asks for. They survive signing in, see wayBack.
var wishFields = []string{"ticket_type", "quantity", "keep"}

// wish is what a buy form asked for, once it was read.
type wish struct {
	ticketType store.TicketType
	quantity   int
	keep       bool
	was        *views.Terms // what the form showed, if that is not true any more
}

// create lets an account join the line of an event. A form that is sent again finds the order that it made.
// In a rush everybody comes this way: it asks Redis, and Postgres only about an entry that looks stale.
func (s *orders) create(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	e, err := s.shop.catalog.bySlug(ctx, c.Param("slug"))
	if err != nil {
		return err
	}
	form, err := readForm(c, append([]string{"order_id", "shown"}, wishFields...)...)
	if err != nil {
		return err
	}
	id, idOK := parseUUID(form.Value("order_id"))
	open := mayBeOpen(e, time.Now())
	wish := s.shop.readWish(e, &form)
	if idOK && (!open || !form.OK() || wish.was != nil) {
		// What was accepted is honoured, whatever has changed since.
		if _, err := s.finder.find(ctx, who.ID, id); err == nil {
			return s.joined(c, "repeat", id)
		}
	}
	if !open {
		return closedSale("/events/" + e.Slug)
	}
	if !idOK {
		form.Fail("", views.OrderIDBad)
		id = store.NewID()
	}
	m := views.EventModel{Event: e, OrderID: id, Form: form}
	if !form.OK() {
		return s.orderAgain(c, http.StatusUnprocessableEntity, m)
	}
	if m.Was = wish.was; m.Was != nil {
		return s.orderAgain(c, http.StatusConflict, m)
	}
	err = s.limits.count(c, attempt{"join", s.limits.Join, strconv.FormatInt(who.ID, 10)})
	if mustWait(c, &m.Form, err) {
		return s.orderAgain(c, http.StatusTooManyRequests, m)
	}
	if err != nil {
		return err
	}
	t := wish.ticketType
	joined, err := s.join(c, e, store.QueuedOrder{
		ID: id, EventID: e.ID, TicketTypeID: t.ID, AccountID: who.ID, Quantity: wish.quantity,
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: e.Currency, PerPerson: e.PerPerson,
		HoldSeconds: e.HoldSeconds, RefundPolicy: e.RefundPolicy,
		Keep: wish.keep, AcceptedAt: time.Now(),
	})
	switch {
	case errors.Is(err, line.ErrForeign):
		m.Form.Fail("", views.OrderIDBad)
		m.OrderID = store.NewID()
		return s.orderAgain(c, http.StatusUnprocessableEntity, m)
	case errors.Is(err, line.ErrNotOnSale):
		return closedSale("/events/" + e.Slug)
	case errors.Is(err, line.ErrFull):
		return &problem{status: http.StatusServiceUnavailable, wait: fullWait, cause: err}
	case err != nil:
		return unavailable(err)
	case !joined.Fresh:
		if joined.OrderID != id {
			s.flash(c, views.OpenOrder)
		}
		return s.joined(c, "repeat", joined.OrderID)
	}
	s.log(c).Info("order joined", "order", joined.OrderID, "event", e.ID)
	return s.joined(c, "fresh", joined.OrderID)
}

// readWish reads what a buy form asks for, and notes what is wrong with it. A form that carries nothing of what it showed,
// as a program's, gets today's terms.
func (s *shop) readWish(e store.Event, form *views.Form) (w wish) {
	typeID, err := strconv.ParseInt(form.Value("ticket_type"), 10, 64)
	t, ok := e.Type(typeID)
	if err != nil || !ok {
		form.Fail("ticket_type", views.TypeMissing)
	}
	quantity, err := strconv.Atoi(form.Value("quantity"))
	if err != nil || quantity < 1 || quantity > e.PerPerson {
		form.Fail("quantity", views.QuantityBad(e.PerPerson))
	}
	w = wish{ticketType: t, quantity: quantity, keep: form.Value("keep") != ""}
	signed := form.Value("shown")
	if signed == "" || !ok {
		return w
	}
	shown, readable := s.signer.read(signed, e.ID)
	seen, there := shown.Types[t.ID]
	if !readable || !there {
		form.Fail("", views.OrderIDBad)
		return w
	}
	if was := shown.terms(seen); was != views.TermsOf(e, t) {
		w.was = &was
	}
	w.keep = w.keep || seen.Gone // the form led to the return list
	return w
}

// clockSlack is by how much the clocks of two machines may differ.
const clockSlack = 10 * time.Second

// mayBeOpen says whether an event is on sale by some clock near this one. The line goes by its own.
func mayBeOpen(e store.Event, now time.Time) bool {
	for _, at := range []time.Time{now, now.Add(clockSlack), now.Add(-clockSlack)} {
		if e.Sale(at) == store.SaleOpen {
			return true
		}
	}
	return false
}

// join joins the line, and tries once more if the open order that stood in the way is not open any more.
func (s *orders) join(c echo.Context, e store.Event, o store.QueuedOrder) (line.Joined, error) {
	ctx := c.Request().Context()
	j, err := s.line.JoinSale(ctx, o, e)
	if err != nil || j.Fresh || j.OrderID == o.ID {
		return j, err
	}
	open, err := s.finder.stillOpen(ctx, o.EventID, o.AccountID, j.OrderID)
	if err != nil || open {
		return j, err
	}
	return s.line.JoinSale(ctx, o, e)
}

func (s *orders) joined(c echo.Context, result string, id uuid.UUID) error {
	s.metrics.joins.WithLabelValues(result).Inc()
	return seeOther(c, orderPath(id))
}

// orderAgain shows the event again, with what was chosen and what is wrong with it.
func (s *orders) orderAgain(c echo.Context, status int, m views.EventModel) error {
	s.metrics.joins.WithLabelValues("sent_back").Inc()
	return s.shop.eventPage(c, status, m)
}
