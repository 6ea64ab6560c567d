package web

import (
	"github.com/labstack/echo/v4"

	"guiche/views"
)

func (s *Server) logout(c echo.Context) error {
	if err := s.signOut(c); err != nil {
		return err
	}
	s.dropPass(c)
	s.flash(c, views.SignedOut)
	return seeOther(c, "/")
}
