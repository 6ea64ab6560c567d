package web

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// A link in a letter leaves its token in a cookie and redirects, so that the token is in no history, no referrer and no
// address of a page.
func (s *people) linkCookie() string {
	if s.secure() {
		return "__Host-guiche-link" // no other host of the domain can plant one
	}
	return "guiche-link"
}

// linkOpen is where the links in letters lead first. Opening one does not use it up, since programs open them too.
func (s *people) linkOpen(page, again string) echo.HandlerFunc {
	return func(c echo.Context) error {
		token := c.Param("token")
		if _, ok := s.links.Read(token); !ok {
			return s.linkSpent(c, store.ErrNotFound, again)
		}
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		s.setCookie(c, s.linkCookie(), token, store.ResetTime)
		return seeOther(c, page)
	}
}

// linkShown is the link that this browser has opened; the zero id if it has opened none.
func (s *people) linkShown(c echo.Context) uuid.UUID {
	cookie, err := c.Cookie(s.linkCookie())
	if err != nil {
		return uuid.Nil
	}
	id, ok := s.links.Read(cookie.Value)
	if !ok {
		return uuid.Nil
	}
	return id
}

// linkOwner is whose link this browser has opened; store.ErrNotFound if it serves no more.
func (s *people) linkOwner(c echo.Context, purpose store.LinkPurpose) (store.Account, error) {
	ctx := c.Request().Context()
	id, err := s.store.LinkAccount(ctx, s.linkShown(c), purpose)
	if err != nil {
		return store.Account{}, err
	}
	return s.store.Account(ctx, id)
}

// linkSpent says that a link is no longer good, whatever the reason, and where to get another; other errors pass.
func (s *people) linkSpent(c echo.Context, err error, again string) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	s.dropCookie(c, s.linkCookie())
	c.Response().Header().Set(echo.HeaderReferrerPolicy, "no-referrer")
	return s.render(c, http.StatusGone, views.LinkSpent(s.frame(c), views.LinkModel{Again: again}))
}
