package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountConfirm sends the letter that confirms an e-mail again.
func (s *Server) accountConfirm(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	wait, err := s.slowDown(c, attempt{letterLimit, s.limits.Letter, strconv.FormatInt(who.ID, 10)})
	if err != nil {
		return err
	}
	if wait > 0 {
		return s.accountPage(c, http.StatusTooManyRequests, views.AccountPageModel{Wait: views.SlowDown(wait)})
	}
	switch err := s.Store.OweConfirmation(ctx, who.ID); {
	case errors.Is(err, store.ErrState):
		s.flash(c, views.EmailConfirmed) // meanwhile, on another device
	case err != nil:
		return err
	default:
		s.nudgeLetters(c)
		s.flash(c, views.LetterSent)
	}
	return seeOther(c, "/account")
}

// nudgeLetters has a letter sent now; without Redis it is sent by the sweep.
func (s *Server) nudgeLetters(c echo.Context) {
	if err := s.nudges.Letters(c.Request().Context()); err != nil {
		s.log(c).Warn("a letter waits for the sweep", "error", err)
	}
}

// confirmForm asks for a press: programs follow links before people do.
func (s *Server) confirmForm(c echo.Context) error {
	link := s.linkShown(c)
	if _, err := s.Store.LinkAccount(c.Request().Context(), link, store.LinkConfirm); err != nil {
		return s.linkSpent(c, err, "/account")
	}
	return s.render(c, http.StatusOK, views.Confirm(s.frame(c)))
}

// confirm notes that an e-mail is its account's.
func (s *Server) confirm(c echo.Context) error {
	if _, err := s.Store.ConfirmEmail(c.Request().Context(), s.linkShown(c)); err != nil {
		return s.linkSpent(c, err, "/account")
	}
	s.dropCookie(c, s.linkCookie())
	s.flash(c, views.EmailConfirmed)
	if account(c) == nil {
		return seeOther(c, "/")
	}
	return seeOther(c, "/account")
}
