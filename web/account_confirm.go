package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountConfirm sends the letter that confirms an e-mail once more.
func (s *people) accountConfirm(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	form := views.NewForm(nil)
	err := s.limits.count(c, attempt{letterLimit, s.limits.Letter, strconv.FormatInt(who.ID, 10)})
	if mustWait(c, &form, err) {
		return s.accountPage(c, http.StatusTooManyRequests, views.AccountPageModel{Wait: form.Error("")})
	}
	if err != nil {
		return err
	}
	switch err := s.store.OweConfirmation(ctx, who.ID); {
	case errors.Is(err, store.ErrState):
		s.flash(c, views.EmailConfirmed) // on another device, in the meantime
	case err != nil:
		return err
	default:
		s.hints.letters(c)
		s.flash(c, views.LetterSent)
	}
	return seeOther(c, "/account")
}

// confirmForm asks for a click: programs open links before people do.
func (s *people) confirmForm(c echo.Context) error {
	whose, err := s.linkOwner(c, store.LinkConfirm)
	if errors.Is(err, store.ErrNotFound) && s.confirmed(c) {
		return s.emailDone(c, views.EmailConfirmed)
	}
	if err != nil {
		return s.linkSpent(c, err, "/account")
	}
	return s.render(c, http.StatusOK, views.Confirm(s.frame(c), views.LinkModel{Email: views.MaskEmail(whose.Email)}))
}

// confirm marks the e-mail of an account as confirmed.
func (s *people) confirm(c echo.Context) error {
	_, err := s.store.ConfirmEmail(c.Request().Context(), s.linkShown(c))
	if errors.Is(err, store.ErrNotFound) && s.confirmed(c) {
		return s.emailDone(c, views.EmailConfirmed)
	}
	if err != nil {
		return s.linkConflict(c, err)
	}
	return s.emailDone(c, views.EmailConfirmed)
}

// confirmed says that the link shown, or another of its account, has done its work: whoever presses twice, or opens the
// letter once more, is told so.
func (s *people) confirmed(c echo.Context) bool {
	a, err := s.store.LinkUsed(c.Request().Context(), s.linkShown(c), store.LinkConfirm, store.ConfirmTime)
	return err == nil && !a.ConfirmedAt.IsZero()
}

// emailDone ends what a link about an e-mail began.
func (s *people) emailDone(c echo.Context, said views.Message) error {
	s.flash(c, said) // the link stays known to this browser: it opens nothing any more, and answers whoever presses again
	if account(c) == nil {
		return seeOther(c, "/")
	}
	return seeOther(c, "/account")
}

// linkConflict says whose e-mail or CPF stands in the way of a link about an e-mail; other errors are linkSpent's.
func (s *people) linkConflict(c echo.Context, err error) error {
	if !errors.Is(err, store.ErrCPFTaken) && !errors.Is(err, store.ErrEmailTaken) {
		return s.linkSpent(c, err, "/account")
	}
	return s.render(c, http.StatusConflict, views.LinkConflict(s.frame(c), errors.Is(err, store.ErrCPFTaken)))
}
