package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// accountClaim asks an admin to decide whose a CPF is that another account has.
func (s *people) accountClaim(c echo.Context) error {
	form, err := readForm(c, "cpf")
	if err != nil {
		return err
	}
	cpf, ok := parseCPF(form.Value("cpf"))
	if !ok {
		form.Fail("cpf", views.CPFBad)
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountPageModel{Details: form})
	}
	ctx, who := c.Request().Context(), account(c)
	if bought, err := s.store.HasBought(ctx, who.ID); err != nil {
		return err
	} else if bought {
		form.Fail("cpf", views.CPFSold)
		return s.accountPage(c, http.StatusConflict, views.AccountPageModel{Details: form})
	}
	err = s.limits.count(c, append(from(c.RealIP(), takenLimit, s.limits.RegisterTaken),
		attempt{letterLimit, s.limits.Letter, "claim " + strconv.FormatInt(who.ID, 10)})...)
	if mustWait(c, &form, err) {
		return s.accountPage(c, http.StatusTooManyRequests, views.AccountPageModel{Details: form})
	}
	if err != nil {
		return err
	}
	switch err := s.store.ClaimCPF(ctx, who.ID, cpf); {
	case errors.Is(err, store.ErrState): // nobody has it any more
		s.flash(c, views.ClaimFree)
	case err != nil:
		return err
	default:
		s.log(c).Info("a CPF is claimed", "account", who.ID)
		s.flash(c, views.ClaimAsked)
	}
	return seeOther(c, "/account")
}
