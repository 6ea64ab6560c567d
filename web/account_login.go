package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) loginForm(c echo.Context) error { return s.entryForm(c, views.Login) }

// login signs in. An unknown e-mail and a wrong password get the same answer after the same time.
func (s *people) login(c echo.Context) error {
	m, password, err := readEntry(c, "email")
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.entryPage(c, status, views.Login, m) }
	email := m.Form.Value("email")
	if email == "" {
		m.Form.Fail("email", views.Missing)
	}
	if password == "" {
		m.Form.Fail("password", views.Missing)
	}
	if !m.Form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	err = s.limits.count(c,
		attempt{"login_address", s.limits.LoginAddress, neighbourhood(c.RealIP())},
		attempt{"login", s.limits.Login, strings.ToLower(email)},
	)
	var a store.Account
	var fits bool
	if err == nil {
		a, fits, err = s.authenticate(c.Request().Context(), email, password)
	}
	if mustWait(c, &m.Form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	if !fits {
		m.Form.Fail("", views.SignInWrong)
		return refuse(http.StatusUnprocessableEntity)
	}
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	if _, err := c.Cookie(languageCookie); err != nil && a.Language != language(c) {
		s.setCookie(c, languageCookie, a.Language, languageTime) // chosen on another device
	}
	s.flash(c, views.SignedIn)
	return seeOther(c, m.Next)
}

// authenticate says whether a password is that of the account with an e-mail. An unknown e-mail takes as long.
func (s *people) authenticate(ctx context.Context, email, password string) (a store.Account, fits bool, err error) {
	a, err = s.store.AccountByEmail(ctx, email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, false, err
	}
	fits, err = s.hashing.fits(ctx, password, a.PasswordHash)
	return a, fits, err
}
