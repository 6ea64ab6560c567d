package web

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
)

// lookPause is how long a charge is left in peace after a page has asked for a look at it.
const lookPause = 2 * time.Second

// nudgeLook asks the worker what became of the charge of an order that is being looked at: its fan may be back from
// paying before the notice is. It never fails the page.
func (s *Server) nudgeLook(c echo.Context, o store.Order) {
	if o.Charge == nil {
		return
	}
	switch o.Charge.Status {
	case store.ChargeNew, store.ChargeOpen, store.ChargeAbandoned:
	default:
		return // it has ended
	}
	first, err := s.Redis.SetNX(c.Request().Context(), "guiche:look:"+o.Charge.ID.String(), 1, lookPause).Result()
	if err != nil {
		s.log(c).Warn("a look at a charge was not asked for", "charge", o.Charge.ID, "error", err)
		return
	}
	if first {
		s.look(c, o.Charge.ID)
	}
}

// look asks the worker what the gateway says of a charge. Should that fail, the worker's own rounds find the charge.
func (s *Server) look(c echo.Context, chargeID uuid.UUID) {
	if err := s.nudges.Look(c.Request().Context(), chargeID); err != nil {
		s.log(c).Warn("a look at a charge was not asked for", "charge", chargeID, "error", err)
	}
}
