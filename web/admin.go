package web

import (
	"slices"
	"time"

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

// lateRefunds warns of an event that is further away from its sale than the gateway gives money back: what is paid early
// cannot be sent back should the event be cancelled on its day.
func (s *admin) lateRefunds(e store.Event) *views.LateRefunds {
	b, ok := s.gateway.Bounds(e.Currency)
	before := e.StartsAt.AddDate(0, 0, -b.RefundDays)
	priced := func(t store.TicketType) bool { return t.PriceCents+t.FeeCents > 0 }
	if !ok || b.RefundDays == 0 || !e.SaleStartsAt.Before(before) || !e.StartsAt.After(time.Now()) ||
		len(e.Types) > 0 && !slices.ContainsFunc(e.Types, priced) {
		return nil
	}
	return &views.LateRefunds{Days: b.RefundDays, Before: before}
}

// event is the event that the path names; it may be a draft.
func (s *admin) event(c echo.Context) (store.Event, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return store.Event{}, err
	}
	return s.store.Event(c.Request().Context(), id)
}
