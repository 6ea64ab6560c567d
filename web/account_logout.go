package web

import (
	"github.com/labstack/echo/v4"

	"guiche/views"
)

// logout signs out. Whoever presses twice, or has been signed out already, is told the same.
func (s *people) logout(c echo.Context) error {
	if err := s.sessions.signOut(c); err != nil {
		return err
	}
	s.passes.drop(c)
	s.sessions.forms.drop(c)
	s.flash(c, views.SignedOut)
	return seeOther(c, "/")
}
