package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) passwordNewForm(c echo.Context) error {
	if _, err := s.store.LinkAccount(c.Request().Context(), s.linkShown(c), store.LinkReset); err != nil {
		return s.linkSpent(c, err, "/password")
	}
	return s.passwordNewPage(c, http.StatusOK, views.NewForm(nil))
}

func (s *people) passwordNewPage(c echo.Context, status int, form views.Form) error {
	return s.render(c, status, views.NewPassword(s.frame(c), views.LinkModel{Form: form}))
}

// passwordNew sets the password that a link in a letter allows, ends every session of the account and signs in.
func (s *people) passwordNew(c echo.Context) error {
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	form, password := views.NewForm(nil), posted.Get("password")
	checkPassword(&form, password)
	ctx, link := c.Request().Context(), s.linkShown(c)
	accountID, err := s.store.LinkAccount(ctx, link, store.LinkReset)
	if err != nil {
		return s.linkSpent(c, err, "/password")
	}
	if !form.OK() {
		return s.passwordNewPage(c, http.StatusUnprocessableEntity, form)
	}
	hash, err := s.hashing.hash(ctx, password)
	if mustWait(c, &form, err) {
		return s.passwordNewPage(c, http.StatusTooManyRequests, form)
	}
	if err != nil {
		return err
	}
	s.dropCookie(c, s.linkCookie())
	err = s.replacePassword(c, accountID, "/", func() (store.Account, error) { return s.store.ResetPassword(ctx, link, hash) })
	if err != nil {
		return s.linkSpent(c, err, "/password") // used a moment ago
	}
	return nil
}
