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

// login signs in. An unknown e-mail and a wrong password get the same answer after the same time. Too many tries by
// strangers keep nobody out: her own device is counted apart, and another gets a link to sign in by letter.
func (s *people) login(c echo.Context) error {
	m, password, err := readEntry(c, "email")
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.entryPage(c, status, views.Login, m) }
	email := strings.ToLower(m.Form.Value("email"))
	if email == "" {
		m.Form.Fail("email", views.Missing)
	}
	if password == "" {
		m.Form.Fail("password", views.Missing)
	}
	if !m.Form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	if err := s.limits.count(c, from(c.RealIP(), "login_address", s.limits.LoginAddress)...); mustWait(c, &m.Form, err) {
		return refuse(http.StatusTooManyRequests)
	} else if err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := s.store.AccountByEmail(ctx, email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	device := s.devices.known(c, a)
	err = s.limits.count(c, s.loginAttempts(c, email, device)...)
	if mustWait(c, &m.Form, err) {
		if err := s.offerSignIn(c, email); err != nil {
			return err
		}
		s.keepWay(c, m.Next)
		m.Form = views.NewForm(m.Form.Values)
		m.Form.Fail("", views.SignInByLetter)
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	fits, err := s.hashing.fits(ctx, sourceOf(c.RealIP(), device != ""), password, a.PasswordHash)
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
	return s.enter(c, a, m.Next)
}

// enter signs somebody in who has shown that she may.
func (s *people) enter(c echo.Context, a store.Account, next string) error {
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.devices.remember(c, a)
	if a.Role == store.Admin {
		s.devices.rememberAdmin(c, a)
	}
	if _, err := c.Cookie(languageCookie); err != nil && a.Language != language(c) {
		s.setCookie(c, languageCookie, a.Language, languageTime) // chosen on another device
	}
	s.flash(c, views.SignedIn)
	return seeOther(c, next)
}

// loginAttempts are what one guess at a password counts for: on a device that has signed in before, for that alone.
func (s *people) loginAttempts(c echo.Context, email, device string) []attempt {
	if device != "" {
		return []attempt{{"login", s.limits.Login, device}, {loginAllLimit, s.limits.LoginAll, device}}
	}
	return []attempt{
		{"login", s.limits.Login, email + " " + neighbourhood(c.RealIP())},
		{loginAllLimit, s.limits.LoginAll, email},
	}
}

// offerSignIn owes a letter with a link to sign in to whoever has an e-mail, unless her address asked for many.
func (s *people) offerSignIn(c echo.Context, email string) error {
	err := s.limits.count(c, from(c.RealIP(), "letter_address", s.limits.LetterAddress)...)
	if p := asProblem(err); err != nil && p.status == http.StatusTooManyRequests || !plainEmail(email) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.store.OweSignIn(context.WithoutCancel(c.Request().Context()), email, s.limits.alias(email)); err != nil {
		return err
	}
	s.hints.letters(c)
	return nil
}
