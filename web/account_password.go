package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountPassword changes the password of whoever is signed in, and ends her sessions on other devices.
func (s *people) accountPassword(c echo.Context) error {
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	form := views.NewForm(nil)
	current, password := posted.Get("current"), posted.Get("password")
	if current == "" {
		form.Fail("current", views.Missing)
	}
	checkPassword(&form, password)
	refuse := func(status int) error { return s.accountPage(c, status, views.AccountPageModel{Form: form}) }
	if !form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	ctx := c.Request().Context()
	a, err := s.store.Account(ctx, account(c).ID)
	if err != nil {
		return err
	}
	err = s.limits.count(c, attempt{"login", s.limits.Login, a.Email}) // guessing here is guessing too
	var fits bool
	if err == nil {
		fits, err = s.hashing.fits(ctx, current, a.PasswordHash)
	}
	if err == nil && !fits {
		form.Fail("current", views.PasswordNotThis)
		return refuse(http.StatusUnprocessableEntity)
	}
	var hash string
	if err == nil {
		hash, err = s.hashing.hash(ctx, password)
	}
	if mustWait(c, &form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	err = s.replacePassword(c, a.ID, "/account", func() (store.Account, error) {
		return s.store.ChangePassword(ctx, a.ID, a.PasswordHash, hash)
	})
	if errors.Is(err, store.ErrState) { // another device was quicker
		form.Fail("current", views.PasswordNotThis)
		return refuse(http.StatusUnprocessableEntity)
	}
	return err
}
