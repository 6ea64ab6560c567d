package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// changePassword leads programs that keep passwords to where one is changed.
func changePassword(c echo.Context) error { return seeOther(c, "/account#password-change") }

func (s *people) accountShow(c echo.Context) error {
	return s.accountPage(c, http.StatusOK, views.AccountPageModel{})
}

func (s *people) accountPage(c echo.Context, status int, m views.AccountPageModel) error {
	a, err := s.store.Account(c.Request().Context(), account(c).ID)
	if err != nil {
		return err
	}
	m.Account = a
	if m.Bought, err = s.store.HasBought(c.Request().Context(), a.ID); err != nil {
		return err
	}
	if m.Claimed, err = s.store.HasOpenClaim(c.Request().Context(), a.ID); err != nil {
		return err
	}
	if m.Details.Values == nil {
		m.Details = views.NewForm(map[string]string{"name": a.Name, "cpf": views.CPF(a.CPF)})
	}
	return s.render(c, status, views.Account(s.frame(c), m))
}
