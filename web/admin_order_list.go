package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

const (
	ordersPerPage = 50
	lastPage      = 1_000_000
)

// adminOrders lists an event's decided orders page by page, the newest first; ?status= and ?page= choose.
func (s *Server) adminOrders(c echo.Context) error {
	event, err := s.adminEvent(c)
	if err != nil {
		return err
	}
	model := views.AdminOrdersModel{Event: event, Status: orderStatus(c.QueryParam("status")), Page: pageNumber(c)}
	ctx := c.Request().Context()
	orders, err := s.Store.EventOrders(ctx, event.ID, model.Status, (model.Page-1)*ordersPerPage, ordersPerPage+1)
	if err != nil {
		return err
	}
	if len(orders) > ordersPerPage {
		orders, model.More = orders[:ordersPerPage], true
	}
	var ids []int64
	for _, o := range orders {
		ids = append(ids, o.AccountID)
	}
	people, err := s.Store.Accounts(ctx, ids)
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

// pageNumber is the page of a list that ?page= names, the first for what is none.
func pageNumber(c echo.Context) int {
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil {
		return 1
	}
	return min(max(n, 1), lastPage)
}

// orderStatus is a state by its name; empty, which means all, for what is none.
func orderStatus(name string) store.OrderStatus {
	if status := store.OrderStatus(name); slices.Contains(store.OrderStatuses(), status) {
		return status
	}
	return ""
}
