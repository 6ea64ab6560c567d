package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// orderList lists an event's decided orders page by page, the newest first; ?status= chooses among them.
func (s *admin) orderList(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	model := views.AdminOrdersModel{Event: event, Status: orderStatus(c.QueryParam("status"))}
	ctx := c.Request().Context()
	orders, pages, err := readPage(c, func(span store.Span, limit int) ([]store.Order, error) {
		return s.store.EventOrders(ctx, event.ID, model.Status, span, limit)
	}, func(o store.Order) int64 { return o.Number })
	if err != nil {
		return err
	}
	model.Pages = pages
	var ids []int64
	for _, o := range orders {
		ids = append(ids, o.AccountID)
	}
	people, err := s.store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	for _, o := range orders {
		kind, _ := event.Type(o.TicketTypeID) // the schema keeps the type of an order in its event
		who := people[o.AccountID]
		model.Orders = append(model.Orders, views.AdminOrderItem{Order: o, Type: kind.Name, Name: who.Name, Email: who.Email})
	}
	return s.render(c, http.StatusOK, views.AdminOrders(s.frame(c), model))
}

// orderStatus is the state of that name; if there is none, it is empty, which means all.
func orderStatus(name string) store.OrderStatus {
	if status := store.OrderStatus(name); slices.Contains(store.OrderStatuses(), status) {
		return status
	}
	return ""
}
