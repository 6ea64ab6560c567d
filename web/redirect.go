package web

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/views"
)

// seeOther leads on after a POST.
func seeOther(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// notPossible leads back to a page whose state no longer allows what was asked.
func (s *pages) notPossible(c echo.Context, path string) error {
	s.flash(c, views.NotPossible)
	return seeOther(c, path)
}

func orderPath(id uuid.UUID) string { return "/orders/" + id.String() }

func adminEventPath(id int64) string { return "/admin/events/" + strconv.FormatInt(id, 10) }

func adminOrderPath(id uuid.UUID) string { return "/admin/orders/" + id.String() }
