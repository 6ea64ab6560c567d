package web

import (
	"github.com/labstack/echo/v4"

	"guiche/jobs/line"
	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// admin serves those who run the events.
type admin struct {
	*pages
	store   *store.Store
	line    *line.Line
	catalog *catalog
	hints   *hints
	gateway payment.Gateway // that takes new charges
}

// checkPrice notes that the gateway will not take what one ticket costs, so that nobody could ever pay it.
func (s *admin) checkPrice(form *views.Form, e store.Event, t store.TicketType) {
	b, ok := s.gateway.Bounds(e.Currency)
	switch cents := t.PriceCents + t.FeeCents; {
	case cents == 0:
	case !ok:
		form.Fail("price", views.CurrencyNotTaken)
	case cents < b.LeastCents:
		form.Fail("price", views.PriceTooSmall(b.LeastCents, e.Currency))
	}
}

// event is the event that the path names; it may be a draft.
func (s *admin) event(c echo.Context) (store.Event, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return store.Event{}, err
	}
	return s.store.Event(c.Request().Context(), id)
}
