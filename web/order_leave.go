package web

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// leaveTime is how long a person who leaves waits for the generator; after that the page shows the outcome by itself.
const leaveTime = 2 * time.Second

// leave gives up a place in line or a hold. Only the generator can take it back, so it is asked to.
func (s *orders) leave(c echo.Context) error {
	ctx := c.Request().Context()
	m, err := s.finder.own(c)
	if err != nil {
		return err
	}
	id := m.Order.ID
	one, stop := s.live.listen(m.Order.EventID, id)
	defer stop()
	status := m.Order.Status
	if ch := m.Order.Charge; status == store.Reserved && ch != nil && ch.Pending {
		return s.notPossible(c, orderPath(id)) // she has paid, and the bank is about to say so
	}
	if status.Open() {
		if err := s.askToLeave(ctx, m.Order); err != nil {
			return unavailable(err)
		}
		if status, err = s.awaitEnd(ctx, one, m.Order.AccountID, id); err != nil {
			return err
		}
	}
	switch {
	case status == store.Left:
		s.flash(c, views.LeftLine)
	case !status.Open():
		s.flash(c, views.NotPossible)
	}
	return seeOther(c, orderPath(id))
}

// askToLeave goes through the worker if the order may be paid at this moment: the charge is cancelled first.
func (s *orders) askToLeave(ctx context.Context, o store.Order) error {
	if o.Status == store.Reserved && o.Charge != nil &&
		(o.Charge.Status == store.ChargeNew || o.Charge.Status == store.ChargeOpen) {
		return s.nudges.GiveUp(ctx, o.ID)
	}
	return s.nudges.Leave(ctx, o.ID)
}

// awaitEnd waits until the order is not open any more, or as long as a person likes to wait.
func (s *orders) awaitEnd(ctx context.Context, one *listener, accountID int64, id uuid.UUID) (store.OrderStatus, error) {
	wait := time.NewTimer(leaveTime)
	defer wait.Stop()
	for {
		m, err := s.finder.find(ctx, accountID, id)
		if err != nil || !m.Order.Status.Open() {
			return m.Order.Status, err
		}
		select {
		case <-one.order:
		case <-wait.C:
			return m.Order.Status, nil
		case <-s.live.ended:
			return m.Order.Status, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
