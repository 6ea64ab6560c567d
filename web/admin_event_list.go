package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// How many of the things that need attention the front page shows.
const (
	stuckMost   = 50
	outagesMost = 5
)

// eventList lists every event with the sum of its books, and what needs attention.
func (s *admin) eventList(c echo.Context) error {
	ctx := c.Request().Context()
	events, err := s.store.AllEvents(ctx)
	if err != nil {
		return err
	}
	ids := make([]int64, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	books, err := s.store.Books(ctx, ids...)
	if err != nil {
		return err
	}
	sums := map[int64]views.Books{}
	for _, b := range books {
		sum := sums[b.EventID]
		sum.Capacity += b.Capacity
		sum.Held += b.Held
		sum.Sold += b.Sold
		sum.Free += b.Free()
		sums[b.EventID] = sum
	}
	model := views.AdminEventsModel{Health: s.health(c)}
	if model.Stuck, err = s.store.StuckRefunds(ctx, stuckMost); err != nil {
		return err
	}
	if model.Notices, err = s.store.NoticeTroubles(ctx); err != nil {
		return err
	}
	if model.Outages, err = s.store.Outages(ctx, outagesMost); err != nil {
		return err
	}
	if model.Refused, err = s.store.RefusedCharges(ctx); err != nil {
		return err
	}
	if model.Gone, err = s.store.GoneMoney(ctx, stuckMost); err != nil {
		return err
	}
	claims, err := s.store.OpenClaims(ctx, claimsMost)
	if err != nil {
		return err
	}
	model.Claims = len(claims)
	if model.Bounced, err = s.store.Bounced(ctx); err != nil {
		return err
	}
	for _, e := range events {
		model.Events = append(model.Events, views.AdminEventItem{Event: e, Books: sums[e.ID]})
	}
	return s.render(c, http.StatusOK, views.AdminEvents(s.frame(c), model))
}

// health looks after those who work behind the scenes.
func (s *admin) health(c echo.Context) (h views.AdminHealth) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), opsTime)
	defer cancel()
	beat, err := s.line.Beat(ctx)
	queues, queuesErr := s.line.Queues(ctx)
	if err := errors.Join(err, queuesErr); err != nil {
		s.log(c).Warn("the line is not known", "error", err)
		return views.AdminHealth{Unknown: true}
	}
	if beat.Leader > leaderQuiet {
		h.Silent = beat.Leader
	}
	if beat.Sweep > sweepQuiet {
		h.NoSweep = beat.Sweep
	}
	for _, q := range queues {
		h.Aside += int(q.Aside)
	}
	return h
}
