package web

import (
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// replacePassword writes a new password, ends the account's sessions and signs in. Sessions are ended before the write,
// so that a crash leaves none; one of the old password that begins in between opens nothing. The second press of the
// button finds for a while whose session it came with.
func (s *people) replacePassword(c echo.Context, accountID int64, next string, write func() (store.Account, error)) error {
	ctx := c.Request().Context()
	if err := s.sessions.endSessions(ctx, accountID); err != nil {
		return err
	}
	if err := s.sessions.keepEnded(c, accountID); err != nil {
		return err
	}
	a, err := write()
	if err != nil {
		return err
	}
	s.log(c).Info("password changed", "account", a.ID)
	s.hints.letters(c)
	return s.passwordDone(c, a, next)
}

// passwordDone is where every press of a button that changes a password leads.
func (s *people) passwordDone(c echo.Context, a store.Account, next string) error {
	s.passes.drop(c)
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.devices.remember(c, a)
	s.flash(c, views.PasswordChanged)
	return seeOther(c, next)
}
