package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) registerForm(c echo.Context) error { return s.entryForm(c, views.Register) }

// register makes an account and signs in. It may say that an e-mail or CPF is taken, and is limited for that.
func (s *people) register(c echo.Context) error {
	m, password, err := readEntry(c, "name", "email", "cpf")
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.entryPage(c, status, views.Register, m) }
	name, email := m.Form.Value("name"), m.Form.Value("email")
	cpf, ok := parseCPF(m.Form.Value("cpf"))
	if !ok {
		m.Form.Fail("cpf", views.CPFBad)
	}
	checkName(&m.Form, name)
	checkEmail(&m.Form, email)
	checkPassword(&m.Form, password)
	if !m.Form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	ctx := c.Request().Context()
	email = strings.ToLower(email)
	err = s.limits.count(c,
		attempt{"register_address", s.limits.RegisterAddress, neighbourhood(c.RealIP())},
		attempt{"register", s.limits.Register, email},
		attempt{"register", s.limits.Register, cpf},
	)
	var hash string
	if err == nil {
		hash, err = s.hashing.hash(ctx, password)
	}
	if mustWait(c, &m.Form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	a, err := s.store.CreateAccount(ctx, store.Account{
		Role: store.Fan, Name: name, Email: email, CPF: cpf, PasswordHash: hash, Language: language(c),
	})
	switch {
	case errors.Is(err, store.ErrEmailTaken):
		m.Form.Fail("email", views.EmailTaken)
	case errors.Is(err, store.ErrCPFTaken):
		m.Form.Fail("cpf", views.CPFTaken)
	case err != nil:
		return err
	}
	if !m.Form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.hints.letters(c)
	s.flash(c, views.Welcome)
	return seeOther(c, m.Next)
}
