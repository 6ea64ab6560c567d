package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *orders) list(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	queued, err := s.queuedOrders(ctx, who.ID) // before the rows: an order that is decided in between is then found as one
	if err != nil {
		return err
	}
	decided, err := s.store.AccountOrders(ctx, who.ID)
	if err != nil {
		return err
	}
	orders := slices.DeleteFunc(queued, func(q store.Order) bool {
		return slices.ContainsFunc(decided, func(o store.Order) bool { return o.ID == q.ID })
	})
	orders = append(orders, decided...)
	slices.SortStableFunc(orders, func(a, b store.Order) int { return b.AcceptedAt.Compare(a.AcceptedAt) })
	m := views.OrdersModel{Orders: make([]views.OrderItem, 0, len(orders))}
	for _, o := range orders {
		bare, err := s.finder.bareModel(ctx, o)
		if err != nil {
			return err
		}
		m.Orders = append(m.Orders, views.OrderItem{Event: bare.Event, Type: bare.Type, Order: o})
	}
	return s.render(c, http.StatusOK, views.Orders(s.frame(c), m))
}

// queuedOrders are an account's orders that wait for their turn. They have no rows yet, so the lines are asked.
func (s *orders) queuedOrders(ctx context.Context, accountID int64) (orders []store.Order, err error) {
	shown, err := s.shop.catalog.list(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, e := range shown.events {
		if now.Before(e.SaleStartsAt) || now.After(e.StartsAt) {
			continue // its line is empty
		}
		id, err := s.line.Open(ctx, e.ID, accountID)
		if err != nil {
			return nil, unavailable(err)
		}
		if id == uuid.Nil {
			continue
		}
		m, err := s.finder.find(ctx, accountID, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, err
		case m.Order.Status == store.Queued:
			orders = append(orders, m.Order)
		}
	}
	return orders, nil
}
