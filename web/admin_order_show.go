package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// orderShow shows the whole story of an order that has been decided.
func (s *admin) orderShow(c echo.Context) error {
	order, err := s.order(c)
	if err != nil {
		return err
	}
	return s.renderOrder(c, http.StatusOK, views.AdminOrderModel{Order: order, RefundID: store.NewID()})
}

// order is the order that the path names.
func (s *admin) order(c echo.Context) (store.Order, error) {
	id, err := pathUUID(c, "id")
	if err != nil {
		return store.Order{}, err
	}
	return s.store.Order(c.Request().Context(), id)
}

// renderOrder adds everything that happened to an order's money.
func (s *admin) renderOrder(c echo.Context, status int, m views.AdminOrderModel) (err error) {
	ctx := c.Request().Context()
	if m.Event, err = s.store.Event(ctx, m.Order.EventID); err != nil {
		return err
	}
	m.Type, _ = m.Event.Type(m.Order.TicketTypeID) // the schema keeps the type of an order in its event
	if m.Charges, err = s.store.OrderCharges(ctx, m.Order.ID); err != nil {
		return err
	}
	if m.Movements, err = s.store.OrderMovements(ctx, m.Order.ID); err != nil {
		return err
	}
	if m.Attempts, err = s.store.OrderAttempts(ctx, m.Order.ID); err != nil {
		return err
	}
	ids := []int64{m.Order.AccountID}
	for _, r := range m.Order.Refunds {
		ids = append(ids, r.AdminID)
	}
	people, err := s.store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	fan := people[m.Order.AccountID]
	m.Name, m.Email, m.Admins = fan.Name, fan.Email, map[int64]string{}
	for _, r := range m.Order.Refunds {
		m.Admins[r.AdminID] = people[r.AdminID].Name
	}
	return s.render(c, status, views.AdminOrder(s.frame(c), m))
}
