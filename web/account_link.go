package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// pressTime is for how long a second press of a button whose link is used up is taken for the first one.
const pressTime = time.Minute

// signInForm asks for a click: programs open links before people do.
func (s *people) signInForm(c echo.Context) error {
	whose, err := s.linkOwner(c, store.LinkSignIn)
	if errors.Is(err, store.ErrNotFound) && account(c) != nil { // she is in already
		return seeOther(c, "/")
	}
	if err != nil {
		return s.linkSpent(c, err, "/login")
	}
	return s.render(c, http.StatusOK, views.SignInLink(s.frame(c), views.LinkModel{Email: views.MaskEmail(whose.Email)}))
}

// signInByLink signs in whoever has opened the link in a letter.
func (s *people) signInByLink(c echo.Context) error {
	ctx, link := c.Request().Context(), s.linkShown(c)
	a, err := s.store.SignInByLink(ctx, link)
	if errors.Is(err, store.ErrNotFound) {
		a, err = s.store.LinkUsed(ctx, link, store.LinkSignIn, pressTime)
	}
	if errors.Is(err, store.ErrNotFound) && link == uuid.Nil && account(c) != nil { // pressed again, after Back
		s.flash(c, views.SignedIn)
		return seeOther(c, "/")
	}
	if err != nil {
		return s.linkSpent(c, err, "/login")
	}
	s.dropCookie(c, s.linkCookie())
	return s.enter(c, a, s.wayOn(c))
}
