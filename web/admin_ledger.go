package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

const movementsPerPage = 50

// ledger shows an event's movements of money, the newest first, and their sums; ?page= chooses.
func (s *admin) ledger(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m := views.AdminLedgerModel{Event: event, Page: pageNumber(c)}
	if m.Tills, err = s.store.Tills(ctx, event.ID); err != nil {
		return err
	}
	m.Movements, err = s.store.Movements(ctx, event.ID, (m.Page-1)*movementsPerPage, movementsPerPage+1)
	if err != nil {
		return err
	}
	if len(m.Movements) > movementsPerPage {
		m.Movements, m.More = m.Movements[:movementsPerPage], true
	}
	return s.render(c, http.StatusOK, views.AdminLedger(s.frame(c), m))
}
