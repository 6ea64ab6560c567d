package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

func (s *people) passwordForm(c echo.Context) error {
	return s.passwordPage(c, http.StatusOK, views.NewForm(nil), safeNext(c.QueryParam("next")))
}

func (s *people) passwordPage(c echo.Context, status int, form views.Form, next string) error {
	return s.render(c, status, views.Password(s.frame(c), views.AccountModel{Form: form, Next: next}))
}

// passwordAsk sends a link to choose another password to whoever has an e-mail. If nobody has it, the answer is the
// same, and so are the writes. Whoever has a young link gets no other: so nobody can fill her mailbox, nor keep her from
// asking.
func (s *people) passwordAsk(c echo.Context) error {
	form, err := readForm(c, "email")
	if err != nil {
		return err
	}
	next := safeNext(c.Request().PostForm.Get("next"))
	email := strings.ToLower(form.Value("email"))
	checkEmail(&form, email)
	if !form.OK() {
		return s.passwordPage(c, http.StatusUnprocessableEntity, form, next)
	}
	err = s.limits.count(c, from(c.RealIP(), "letter_address", s.limits.LetterAddress)...)
	if mustWait(c, &form, err) {
		return s.passwordPage(c, http.StatusTooManyRequests, form, next)
	}
	if err != nil {
		return err
	}
	if err := s.store.OweReset(c.Request().Context(), email, s.limits.alias(email)); err != nil {
		return err
	}
	s.hints.letters(c)
	s.keepWay(c, next)
	s.flash(c, views.PasswordAsked)
	return seeOther(c, loginPath(next))
}
