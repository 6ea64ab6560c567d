package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// refundForm says how much would come back for an order's tickets, or why nothing can. With confirm it asks once more
// about the tickets that were ticked: looking at that page changes nothing.
func (s *money) refundForm(c echo.Context) error {
	order, err := s.finder.own(c)
	if err != nil {
		return err
	}
	m := refundModel(order)
	asked := c.QueryParams()
	chosen, known := chosenTickets(m.Order, asked)
	if known {
		m.Chosen = chosen
	}
	if asked.Get("confirm") == "" || !m.Refusal.Zero() {
		return s.refundPage(c, http.StatusOK, m)
	}
	if status, fault := refundFault(m.Order, chosen, known); !fault.Zero() {
		m.Form.Fail("ticket", fault)
		return s.refundPage(c, status, m)
	}
	return s.render(c, http.StatusOK, views.RefundConfirm(s.frame(c), m))
}

// refundFields are what the refund forms ask for. They survive signing in, see wayBack.
var refundFields = []string{"ticket", "all", "confirm"}

// refundFault is what is wrong with a choice of an order's tickets, and the status that says so.
func refundFault(o store.Order, chosen []int64, known bool) (status int, fault views.Message) {
	spent := func(t store.Ticket) bool { return t.Status != store.TicketValid && slices.Contains(chosen, t.ID) }
	switch {
	case !known:
		return http.StatusUnprocessableEntity, views.TicketNotYours
	case len(chosen) == 0:
		return http.StatusUnprocessableEntity, views.TicketNone
	case slices.ContainsFunc(o.Tickets, spent): // since the page was made
		return http.StatusConflict, views.TicketNotYours
	}
	return http.StatusOK, views.Message{}
}

func (s *money) refundPage(c echo.Context, status int, m views.RefundModel) error {
	return s.render(c, status, views.Refund(s.frame(c), m))
}

func refundModel(m views.OrderModel) views.RefundModel {
	return views.RefundModel{
		Event: m.Event, Type: m.Type, Order: m.Order, Form: views.NewForm(nil),
		PerTicketCents: store.RefundPerTicketCents(m.Order, m.Event, time.Now()),
		LeftCents:      store.RefundLeftCents(m.Order),
		Until:          store.RefundUntil(m.Order, m.Event),
		Refusal:        refundRefusal(m.Order, m.Event, time.Now()),
	}
}

// chosenTickets are the ids of the tickets that were ticked, each once, or of all that are valid if the form says all=yes;
// known is false if one is not the order's.
func chosenTickets(o store.Order, form url.Values) (ids []int64, known bool) {
	for _, text := range form["ticket"] {
		at := slices.IndexFunc(o.Tickets, func(t store.Ticket) bool { return strconv.FormatInt(t.ID, 10) == text })
		if at < 0 {
			return nil, false
		}
		if id := o.Tickets[at].ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if form.Get("all") != "yes" {
		return ids, true
	}
	ids = nil
	for _, t := range o.Tickets {
		if t.Status == store.TicketValid {
			ids = append(ids, t.ID)
		}
	}
	return ids, true
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
