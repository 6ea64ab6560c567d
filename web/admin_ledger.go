package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

const movementsPerPage = 50

// adminLedger shows an event's movements of money, the newest first, and their sums; ?page= chooses.
func (s *Server) adminLedger(c echo.Context) error {
	event, err := s.adminEvent(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	m := views.AdminLedgerModel{Event: event, Page: pageNumber(c)}
	if m.Tills, err = s.Store.Tills(ctx, event.ID); err != nil {
		return err
	}
	m.Movements, err = s.Store.Movements(ctx, event.ID, (m.Page-1)*movementsPerPage, movementsPerPage+1)
	if err != nil {
		return err
	}
	if len(m.Movements) > movementsPerPage {
		m.Movements, m.More = m.Movements[:movementsPerPage], true
	}
	return s.render(c, http.StatusOK, views.AdminLedger(s.frame(c), m))
}
