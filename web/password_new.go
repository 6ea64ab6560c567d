package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) passwordNewForm(c echo.Context) error {
	whose, err := s.linkOwner(c, store.LinkReset)
	if err != nil {
		return s.linkSpent(c, err, "/password")
	}
	return s.passwordNewPage(c, http.StatusOK, whose, views.NewForm(nil))
}

// passwordNewPage says whose password it is: a link may have been planted by somebody else.
func (s *people) passwordNewPage(c echo.Context, status int, whose store.Account, form views.Form) error {
	return s.render(c, status, views.NewPassword(s.frame(c), views.LinkModel{Form: form, Email: views.MaskEmail(whose.Email)}))
}

// passwordNew sets the password that a link in a letter allows, ends every session of the account and signs in.
func (s *people) passwordNew(c echo.Context) error {
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	form, password := views.NewForm(nil), posted.Get("password")
	ctx, link := c.Request().Context(), s.linkShown(c)
	whose, err := s.linkOwner(c, store.LinkReset)
	if err != nil {
		return s.passwordNewAgain(c, err, password)
	}
	checkPassword(&form, password, whose.Name, whose.Email, whose.CPF)
	if !form.OK() {
		return s.passwordNewPage(c, http.StatusUnprocessableEntity, whose, form)
	}
	hash, err := s.hashing.hash(ctx, sourceOf(c.RealIP(), true), password)
	if mustWait(c, &form, err) {
		return s.passwordNewPage(c, http.StatusTooManyRequests, whose, form)
	}
	if err != nil {
		return err
	}
	err = s.replacePassword(c, whose.ID, s.wayOn(c), func() (store.Account, error) { return s.store.ResetPassword(ctx, link, hash) })
	if err != nil {
		return s.passwordNewAgain(c, err, password) // used a moment ago
	}
	s.dropCookie(c, s.linkCookie())
	return nil
}

// passwordNewAgain is for a second press: the first one has used the link, and set this very password.
func (s *people) passwordNewAgain(c echo.Context, err error, password string) error {
	spent := func() error { return s.linkSpent(c, store.ErrNotFound, "/password") }
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	ctx, link := c.Request().Context(), s.linkShown(c)
	a, err := s.store.LinkUsed(ctx, link, store.LinkReset, pressTime)
	if errors.Is(err, store.ErrNotFound) {
		return spent()
	}
	if err != nil {
		return err
	}
	if err := s.limits.count(c, attempt{"login", s.limits.Login, link.String()}); err != nil {
		return err
	}
	fits, err := s.hashing.fits(ctx, sourceOf(c.RealIP(), true), password, a.PasswordHash)
	if err != nil {
		return err
	}
	if !fits {
		return spent()
	}
	s.dropCookie(c, s.linkCookie())
	return s.passwordDone(c, a, s.wayOn(c))
}
