package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// ledger shows an event's movements of money page by page, the newest first, and their sums.
func (s *admin) ledger(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m := views.AdminLedgerModel{Event: event}
	if m.Tills, err = s.store.Tills(ctx, event.ID); err != nil {
		return err
	}
	m.Movements, m.Pages, err = readPage(c, func(span store.Span, limit int) ([]store.Movement, error) {
		return s.store.Movements(ctx, event.ID, span, limit)
	}, func(r store.Movement) int64 { return r.ID })
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.AdminLedger(s.frame(c), m))
}
