package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) loginForm(c echo.Context) error {
	next := safeNext(c.QueryParam("next"))
	if account(c) != nil {
		return seeOther(c, next)
	}
	return s.loginPage(c, http.StatusOK, views.NewForm(nil), next)
}

func (s *people) loginPage(c echo.Context, status int, form views.Form, next string) error {
	return s.render(c, status, views.Login(s.frame(c), views.AccountModel{Form: form, Next: next}))
}

// login signs in. An unknown e-mail and a wrong password get the same answer after the same time.
func (s *people) login(c echo.Context) error {
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "email")
	if err != nil {
		return err
	}
	password, next := posted.Get("password"), safeNext(posted.Get("next"))
	if form.Value("email") == "" {
		form.Fail("email", views.Missing)
	}
	if password == "" {
		form.Fail("password", views.Missing)
	}
	if !form.OK() {
		return s.loginPage(c, http.StatusUnprocessableEntity, form, next)
	}
	wait, err := s.limits.slowDown(c,
		attempt{"login_address", s.limits.LoginAddress, neighbourhood(c.RealIP())},
		attempt{"login", s.limits.Login, strings.ToLower(form.Value("email"))},
	)
	if err != nil {
		return err
	}
	if wait > 0 {
		form.Fail("", views.SlowDown(wait))
		return s.loginPage(c, http.StatusTooManyRequests, form, next)
	}
	ctx := c.Request().Context()
	a, err := s.store.AccountByEmail(ctx, form.Value("email"))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	fits, err := s.hashing.fits(ctx, password, a.PasswordHash)
	if errors.Is(err, errBusy) {
		retryAfter(c, hashWait)
		form.Fail("", views.SlowDown(hashWait))
		return s.loginPage(c, http.StatusTooManyRequests, form, next)
	}
	if err != nil {
		return err
	}
	if !fits {
		form.Fail("", views.SignInWrong)
		return s.loginPage(c, http.StatusUnprocessableEntity, form, next)
	}
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	if _, err := c.Cookie(languageCookie); err != nil && a.Language != language(c) {
		s.setCookie(c, languageCookie, a.Language, languageTime) // chosen on another device
	}
	s.flash(c, views.SignedIn)
	return seeOther(c, next)
}
