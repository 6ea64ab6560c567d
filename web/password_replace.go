package web

import (
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// replacePassword writes a new password, ends the account's sessions and signs in. Sessions are ended before the write,
// so that a crash leaves none, and after it, for whoever signed in with the old password in between.
func (s *people) replacePassword(c echo.Context, accountID int64, next string, write func() (store.Account, error)) error {
	ctx := c.Request().Context()
	if err := s.sessions.endSessions(ctx, accountID); err != nil {
		return err
	}
	a, err := write()
	if err != nil {
		return err
	}
	if err := s.sessions.endSessions(ctx, accountID); err != nil {
		return err
	}
	s.passes.drop(c)
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.log(c).Info("password changed", "account", a.ID)
	s.flash(c, views.PasswordChanged)
	return seeOther(c, next)
}
