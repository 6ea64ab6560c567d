package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundForm says how much would come back for an order's tickets, or why nothing can.
func (s *money) refundForm(c echo.Context) error {
	model, err := s.finder.own(c)
	if err != nil {
		return err
	}
	return s.renderRefund(c, http.StatusOK, model, views.Form{})
}

func (s *money) renderRefund(c echo.Context, status int, m views.OrderModel, form views.Form) error {
	return s.render(c, status, views.Refund(s.frame(c), views.RefundModel{
		Event: m.Event, Type: m.Type, Order: m.Order, Form: form,
		PerTicketCents: store.RefundPerTicketCents(m.Order, m.Event, time.Now()),
		LeftCents:      store.RefundLeftCents(m.Order),
		Until:          store.RefundUntil(m.Order, m.Event),
		Refusal:        refundRefusal(m.Order, m.Event, time.Now()),
	}))
}

// refundRefusal is why nothing can be given back; zero if it can.
func refundRefusal(o store.Order, e store.Event, now time.Time) views.Message {
	valid := 0
	for _, t := range o.Tickets {
		if t.Status == store.TicketValid {
			valid++
		}
	}
	switch {
	case o.Status != store.Paid || valid == 0:
		return views.RefundNothing
	case e.Status == store.EventCancelled:
		return views.RefundByShop
	case !now.After(store.RefundUntil(o, e)):
		return views.Message{}
	case now.After(e.StartsAt.Add(-time.Duration(o.RefundHours) * time.Hour)):
		return views.RefundTooNear
	}
	return views.RefundTooLate
}
