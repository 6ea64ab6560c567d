package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountConfirm sends the letter that confirms an e-mail once more.
func (s *people) accountConfirm(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	form := views.NewForm(nil)
	err := s.limits.count(c, attempt{letterLimit, s.limits.Letter, strconv.FormatInt(who.ID, 10)})
	if mustWait(c, &form, err) {
		return s.accountPage(c, http.StatusTooManyRequests, views.AccountPageModel{Wait: form.Error("")})
	}
	if err != nil {
		return err
	}
	switch err := s.store.OweConfirmation(ctx, who.ID); {
	case errors.Is(err, store.ErrState):
		s.flash(c, views.EmailConfirmed) // on another device, in the meantime
	case err != nil:
		return err
	default:
		s.hints.letters(c)
		s.flash(c, views.LetterSent)
	}
	return seeOther(c, "/account")
}

// confirmForm asks for a click: programs open links before people do.
func (s *people) confirmForm(c echo.Context) error {
	link := s.linkShown(c)
	if _, err := s.store.LinkAccount(c.Request().Context(), link, store.LinkConfirm); err != nil {
		return s.linkSpent(c, err, "/account")
	}
	return s.render(c, http.StatusOK, views.Confirm(s.frame(c)))
}

// confirm marks the e-mail of an account as confirmed.
func (s *people) confirm(c echo.Context) error {
	if _, err := s.store.ConfirmEmail(c.Request().Context(), s.linkShown(c)); err != nil {
		return s.linkSpent(c, err, "/account")
	}
	s.dropCookie(c, s.linkCookie())
	s.flash(c, views.EmailConfirmed)
	if account(c) == nil {
		return seeOther(c, "/")
	}
	return seeOther(c, "/account")
}
