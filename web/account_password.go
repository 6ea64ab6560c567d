package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountPassword changes the password of who is signed in, and ends the sessions of her other devices.
func (s *Server) accountPassword(c echo.Context) error {
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
	a, err := s.Store.Account(ctx, account(c).ID)
	if err != nil {
		return err
	}
	wait, err := s.slowDown(c, attempt{"login", s.limits.Login, a.Email}) // a guess is a guess
	if err != nil {
		return err
	}
	if wait > 0 {
		form.Fail("", views.SlowDown(wait))
		return refuse(http.StatusTooManyRequests)
	}
	fits, err := s.hashing.fits(ctx, current, a.PasswordHash)
	if err == nil && !fits {
		form.Fail("current", views.PasswordNotThis)
		return refuse(http.StatusUnprocessableEntity)
	}
	var hash string
	if err == nil {
		hash, err = s.hashing.hash(ctx, password)
	}
	if errors.Is(err, errBusy) {
		retryAfter(c, hashWait)
		form.Fail("", views.SlowDown(hashWait))
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	err = s.replacePassword(c, a.ID, "/account", func() (store.Account, error) {
		return s.Store.ChangePassword(ctx, a.ID, a.PasswordHash, hash)
	})
	if errors.Is(err, store.ErrState) { // another device was quicker
		form.Fail("current", views.PasswordNotThis)
		return refuse(http.StatusUnprocessableEntity)
	}
	return err
}

// replacePassword ends an account's sessions and gives its new password one. They are ended before the password is
// written, so that a crash leaves none of them, and after it, for who signed in with the old one meanwhile.
func (s *Server) replacePassword(c echo.Context, accountID int64, next string, write func() (store.Account, error)) error {
	ctx := c.Request().Context()
	if err := s.endSessions(ctx, accountID); err != nil {
		return err
	}
	a, err := write()
	if err != nil {
		return err
	}
	if err := s.endSessions(ctx, accountID); err != nil {
		return err
	}
	s.dropPass(c)
	if err := s.signIn(c, a); err != nil {
		return err
	}
	s.log(c).Info("password changed", "account", a.ID)
	s.flash(c, views.PasswordChanged)
	return seeOther(c, next)
}
