package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountDetails corrects the name of whoever is signed in, and her CPF as long as nothing was sold to it.
func (s *people) accountDetails(c echo.Context) error {
	form, err := readForm(c, "name", "cpf")
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.accountPage(c, status, views.AccountPageModel{Details: form}) }
	ctx := c.Request().Context()
	a, err := s.store.Account(ctx, account(c).ID)
	if err != nil {
		return err
	}
	checkName(&form, form.Value("name"))
	cpf, ok := parseCPF(form.Value("cpf"))
	if form.Value("cpf") == "" {
		cpf, ok = a.CPF, true // the page shows none once something was sold to it
	}
	if !ok {
		form.Fail("cpf", views.CPFBad)
	}
	if !form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	switch err := s.store.CorrectAccount(ctx, a.ID, form.Value("name"), cpf); {
	case errors.Is(err, store.ErrState):
		form.Fail("cpf", views.CPFSold)
		return refuse(http.StatusConflict)
	case errors.Is(err, store.ErrCPFTaken):
		err := s.limits.count(c, from(c.RealIP(), takenLimit, s.limits.RegisterTaken)...)
		if mustWait(c, &form, err) {
			return refuse(http.StatusTooManyRequests)
		}
		if err != nil {
			return err
		}
		form.Fail("cpf", views.CPFTaken)
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountPageModel{Details: form, Claimable: true})
	case err != nil:
		return err
	}
	s.flash(c, views.DetailsSaved)
	return seeOther(c, "/account")
}

// accountEmail asks the new e-mail of whoever is signed in whether it is hers, and tells the old one. It says the same if
// somebody else has the new one.
func (s *people) accountEmail(c echo.Context) error {
	form, err := readForm(c, "email")
	if err != nil {
		return err
	}
	posted, err := formValues(c)
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.accountPage(c, status, views.AccountPageModel{Email: form}) }
	email, current := strings.ToLower(form.Value("email")), posted.Get("current")
	checkEmail(&form, email)
	if current == "" {
		form.Fail("current", views.Missing)
	}
	ctx := c.Request().Context()
	a, err := s.store.Account(ctx, account(c).ID)
	if err != nil {
		return err
	}
	if email == a.Email {
		form.Fail("email", views.EmailSame)
	}
	if !form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	fits, err := s.provePassword(c, a, current)
	if err == nil && !fits {
		form.Fail("current", views.PasswordNotThis)
		return refuse(http.StatusUnprocessableEntity)
	}
	if err == nil {
		err = s.limits.count(c, append(from(c.RealIP(), "letter_address", s.limits.LetterAddress),
			attempt{letterLimit, s.limits.Letter, "change " + strconv.FormatInt(a.ID, 10)})...)
	}
	if mustWait(c, &form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	if err := s.store.OweEmailChange(ctx, a.ID, email, s.limits.alias(email)); err != nil {
		return err
	}
	s.hints.letters(c)
	s.flash(c, views.EmailAsked)
	return seeOther(c, "/account")
}

// emailForm asks for a click: programs open links before people do.
func (s *people) emailForm(c echo.Context) error {
	if _, err := s.linkOwner(c, store.LinkEmail); err != nil {
		if errors.Is(err, store.ErrNotFound) && s.emailTaken(c) {
			return s.emailDone(c, views.EmailChanged)
		}
		return s.linkSpent(c, err, "/account")
	}
	email, _, err := s.store.LinkEmails(c.Request().Context(), s.linkShown(c))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.NewEmail(s.frame(c), views.LinkModel{Email: views.MaskEmail(email)}))
}

// emailChange gives an account the e-mail at which its link was opened.
func (s *people) emailChange(c echo.Context) error {
	a, err := s.store.ChangeEmail(c.Request().Context(), s.linkShown(c))
	if errors.Is(err, store.ErrNotFound) && s.emailTaken(c) {
		return s.emailDone(c, views.EmailChanged)
	}
	if err != nil {
		return s.linkConflict(c, err)
	}
	s.log(c).Info("e-mail changed", "account", a.ID)
	return s.emailDone(c, views.EmailChanged)
}

// emailTaken says that the link shown has done its work.
func (s *people) emailTaken(c echo.Context) bool {
	ctx, link := c.Request().Context(), s.linkShown(c)
	a, err := s.store.LinkUsed(ctx, link, store.LinkEmail, store.ConfirmTime)
	if err != nil {
		return false
	}
	email, _, err := s.store.LinkEmails(ctx, link)
	return err == nil && email == a.Email
}
