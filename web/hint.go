package web

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// hints ask the generator and the worker for what is due anyway: they make it happen at once. A hint that fails is
// logged and never fails the page, since the sweeps find the row by themselves.
type hints struct {
	*pages
	nudges *jobs.Nudges
	redis  *redis.Client
	line   *line.Line
}

// check logs a hint that was lost.
func (s *hints) check(c echo.Context, err error, lost string, args ...any) {
	if err != nil {
		s.log(c).Warn(lost, append(args, "error", err)...)
	}
}

// letters sends the letters that are due.
func (s *hints) letters(c echo.Context) {
	s.check(c, s.nudges.Letters(c.Request().Context()), "a letter waits for the sweep")
}

// refund returns a refund's stock and pays back its money.
func (s *hints) refund(c echo.Context, r store.Refund) {
	ctx := c.Request().Context()
	s.check(c, errors.Join(s.nudges.Return(ctx, r.ID), s.nudges.PayBack(ctx, r.ID)), "a refund waits for the sweep", "refund", r.ID)
}

// capacity has the generator change the capacity of a ticket type.
func (s *hints) capacity(c echo.Context, change int64) {
	s.check(c, s.nudges.SetCapacity(c.Request().Context(), change), "a capacity change waits for the sweep", "change", change)
}

// resume has the generator serve the orders that were parked while their event was paused.
func (s *hints) resume(c echo.Context, eventID int64) {
	s.check(c, s.nudges.Resume(c.Request().Context(), eventID), "the parked orders wait for the sweep", "event", eventID)
}

// cancelled undoes the orders of an event that was cancelled.
func (s *hints) cancelled(c echo.Context, eventID int64) {
	s.check(c, s.nudges.Undo(c.Request().Context(), eventID), "a cancelled event waits for the sweep", "event", eventID)
}

// deadline sets the alarm for the end of a hold.
func (s *hints) deadline(c echo.Context, o store.Order) {
	s.check(c, s.nudges.Overdue(c.Request().Context(), o.ReservedUntil), "the longer deadline waits for the sweep", "order", o.ID)
}

// notice has the worker ask whose charge a notice is about.
func (s *hints) notice(c echo.Context, n store.Notice) {
	s.check(c, s.nudges.ResolveNotice(c.Request().Context(), n.Gateway, n.EventID), "a notice waits for the sweep", "gateway", n.Gateway, "notice", n.EventID)
}

// pollCharge has the worker ask the gateway what became of a charge.
func (s *hints) pollCharge(c echo.Context, chargeID uuid.UUID) {
	s.check(c, s.nudges.CheckCharge(c.Request().Context(), chargeID), "a charge waits for the sweep", "charge", chargeID)
}

// orderNews wakes the pages of an order that changed without the line.
func (s *hints) orderNews(c echo.Context, eventID int64, orderID uuid.UUID) {
	s.check(c, s.line.Publish(c.Request().Context(), line.News{EventID: eventID, Orders: []uuid.UUID{orderID}}),
		"an order's page finds its news by itself", "order", orderID)
}

// pollPause is how long a charge is left in peace after a page has had it polled.
const pollPause = 2 * time.Second

// pollShown polls the charge of an order whose page is shown: its fan may be back from paying before the notice is.
func (s *hints) pollShown(c echo.Context, o store.Order) {
	if o.Charge == nil {
		return
	}
	switch o.Charge.Status {
	case store.ChargeNew, store.ChargeOpen, store.ChargeAbandoned:
	default:
		return // it has ended
	}
	first, err := s.redis.SetNX(c.Request().Context(), "guiche:look:"+o.Charge.ID.String(), 1, pollPause).Result()
	s.check(c, err, "a charge waits for the sweep", "charge", o.Charge.ID)
	if first {
		s.pollCharge(c, o.Charge.ID)
	}
}
