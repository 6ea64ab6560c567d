package web

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"guiche/views"
)

// entryView is the page for registering or for signing in.
type entryView func(views.Frame, views.AccountModel) templ.Component

// entryForm shows the page to whoever is not signed in yet.
func (s *people) entryForm(c echo.Context, view entryView) error {
	next := safeNext(c.QueryParam("next"))
	if account(c) != nil {
		return seeOther(c, next)
	}
	return s.entryPage(c, http.StatusOK, view, views.AccountModel{Form: views.NewForm(nil), Next: next})
}

func (s *people) entryPage(c echo.Context, status int, view entryView, m views.AccountModel) error {
	return s.render(c, status, view(s.frame(c), m))
}

// readEntry reads what was typed to register or to sign in. The password stays out of the form: no page shows it again.
func readEntry(c echo.Context, fields ...string) (m views.AccountModel, password string, err error) {
	posted, err := formValues(c)
	if err != nil {
		return m, "", err
	}
	m.Next = safeNext(posted.Get("next"))
	m.Form, err = readForm(c, fields...)
	return m, posted.Get("password"), err
}
