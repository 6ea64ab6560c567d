package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) registerForm(c echo.Context) error {
	next := safeNext(c.QueryParam("next"))
	if account(c) != nil {
		return seeOther(c, next)
	}
	return s.registerPage(c, http.StatusOK, views.NewForm(nil), next)
}

func (s *people) registerPage(c echo.Context, status int, form views.Form, next string) error {
	return s.render(c, status, views.Register(s.frame(c), views.AccountModel{Form: form, Next: next}))
}

// register makes an account and signs in. It may say that an e-mail or CPF is taken, and is limited for that.
func (s *people) register(c echo.Context) error {
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	form, err := readForm(c, "name", "email", "cpf")
	if err != nil {
		return err
	}
	password, next := posted.Get("password"), safeNext(posted.Get("next"))
	cpf, ok := parseCPF(form.Value("cpf"))
	if !ok {
		form.Fail("cpf", views.CPFBad)
	}
	checkName(&form, form.Value("name"))
	checkEmail(&form, form.Value("email"))
	checkPassword(&form, password)
	if !form.OK() {
		return s.registerPage(c, http.StatusUnprocessableEntity, form, next)
	}
	email := strings.ToLower(form.Value("email"))
	wait, err := s.limits.slowDown(c,
		attempt{"register_address", s.limits.RegisterAddress, neighbourhood(c.RealIP())},
		attempt{"register", s.limits.Register, email},
		attempt{"register", s.limits.Register, cpf},
	)
	if err != nil {
		return err
	}
	if wait > 0 {
		form.Fail("", views.SlowDown(wait))
		return s.registerPage(c, http.StatusTooManyRequests, form, next)
	}
	ctx := c.Request().Context()
	hash, err := s.hashing.hash(ctx, password)
	if errors.Is(err, errBusy) {
		retryAfter(c, hashWait)
		form.Fail("", views.SlowDown(hashWait))
		return s.registerPage(c, http.StatusTooManyRequests, form, next)
	}
	if err != nil {
		return err
	}
	a, err := s.store.CreateAccount(ctx, store.Account{
		Role: store.Fan, Name: form.Value("name"), Email: email, CPF: cpf, PasswordHash: hash, Language: language(c),
	})
	switch {
	case errors.Is(err, store.ErrEmailTaken):
		form.Fail("email", views.EmailTaken)
	case errors.Is(err, store.ErrCPFTaken):
		form.Fail("cpf", views.CPFTaken)
	case err != nil:
		return err
	}
	if !form.OK() {
		return s.registerPage(c, http.StatusUnprocessableEntity, form, next)
	}
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.hints.letters(c)
	s.flash(c, views.Welcome)
	return seeOther(c, next)
}
