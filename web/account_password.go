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
	if account(c) == nil {
		return s.passwordAgain(c, password)
	}
	ctx := c.Request().Context()
	a, err := s.store.Account(ctx, account(c).ID)
	if err != nil {
		return err
	}
	if current == "" {
		form.Fail("current", views.Missing)
	}
	checkPassword(&form, password, a.Name, a.Email, a.CPF)
	refuse := func(status int) error { return s.accountPage(c, status, views.AccountPageModel{Form: form}) }
	if !form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	fits, err := s.provePassword(c, a, current)
	var hash string
	if err == nil && fits {
		hash, err = s.hashing.hash(ctx, sourceOf(c.RealIP(), true), password)
	}
	if mustWait(c, &form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	err = store.ErrState
	if fits {
		err = s.replacePassword(c, a.ID, "/account", func() (store.Account, error) {
			return s.store.ChangePassword(ctx, a.ID, a.PasswordHash, hash)
		})
	}
	if !errors.Is(err, store.ErrState) {
		return err
	}
	// Another device was quicker, or this is the second press of the same button.
	if a, err = s.store.Account(ctx, a.ID); err != nil {
		return err
	}
	done, err := s.hashing.fits(ctx, sourceOf(c.RealIP(), true), password, a.PasswordHash)
	if mustWait(c, &form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	if done {
		return s.passwordDone(c, a, "/account")
	}
	form.Fail("current", views.PasswordNotThis)
	return refuse(http.StatusUnprocessableEntity)
}

// provePassword says whether whoever is signed in knows her password. Guessing here is guessing too: it counts for the
// session, so that whoever else uses the account keeps her from nothing. The error may be one for mustWait.
func (s *people) provePassword(c echo.Context, a store.Account, password string) (bool, error) {
	err := s.limits.count(c, attempt{"login", s.limits.Login, sessionOf(c)}, attempt{loginAllLimit, s.limits.LoginAll, sessionOf(c)})
	if err != nil {
		return false, err
	}
	return s.hashing.fits(c.Request().Context(), sourceOf(c.RealIP(), true), password, a.PasswordHash)
}

// passwordAgain is for a second press: the first one has changed the password and ended the session with which this one
// came. Whoever knows the new password has pressed.
func (s *people) passwordAgain(c echo.Context, password string) error {
	ctx := c.Request().Context()
	id, err := s.sessions.endedFor(c)
	if err != nil {
		return err
	}
	if id == 0 {
		return s.sessions.askToSignIn(c, false)
	}
	a, err := s.store.Account(ctx, id)
	if err != nil {
		return err
	}
	fits, err := s.provePassword(c, a, password)
	if err != nil {
		return err
	}
	if !fits {
		return s.sessions.askToSignIn(c, false)
	}
	return s.passwordDone(c, a, "/account")
}
