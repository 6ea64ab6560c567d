package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

func (s *people) accountShow(c echo.Context) error {
	return s.accountPage(c, http.StatusOK, views.AccountPageModel{})
}

func (s *people) accountPage(c echo.Context, status int, m views.AccountPageModel) error {
	a, err := s.store.Account(c.Request().Context(), account(c).ID)
	if err != nil {
		return err
	}
	m.Account = a
	return s.render(c, status, views.Account(s.frame(c), m))
}
