package web

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// claimsMost is how many claims a page lists.
const claimsMost = 50

// claimList shows who asks for a CPF that another account has.
func (s *admin) claimList(c echo.Context) error {
	return s.renderClaims(c, http.StatusOK, views.AdminClaimsModel{})
}

// claimDecide gives a CPF to who asks for it, or leaves it where it is.
func (s *admin) claimDecide(c echo.Context) error {
	id, err := pathUUID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.store.Claim(ctx, id); err != nil {
		return err
	}
	form, err := readForm(c, "note", "decision")
	if err != nil {
		return err
	}
	f := fieldReader{&form, s.frame(c).Language}
	reason, decision := f.text("note", 1, 500), form.Value("decision")
	if decision != "give" && decision != "keep" {
		form.Fail("", views.FormUnreadable)
	}
	if !form.OK() {
		return s.renderClaims(c, http.StatusUnprocessableEntity, views.AdminClaimsModel{Failed: id, Form: form})
	}
	given := decision == "give"
	switch err := s.store.DecideClaim(ctx, account(c).ID, id, given, reason); {
	case errors.Is(err, store.ErrState):
		claim, err := s.store.Claim(ctx, id)
		if err != nil {
			return err
		}
		if claim.Given != given { // else a second press
			return s.notPossible(c, "/admin/claims")
		}
	case errors.Is(err, store.ErrCPFTaken): // a third account has it
		return s.notPossible(c, "/admin/claims")
	case err != nil:
		return err
	}
	s.log(c).Info("a claim to a CPF is decided", "claim", id, "given", given)
	s.hints.letters(c)
	s.flash(c, views.ClaimDecided)
	return seeOther(c, "/admin/claims")
}

func (s *admin) renderClaims(c echo.Context, status int, m views.AdminClaimsModel) error {
	ctx := c.Request().Context()
	claims, err := s.store.OpenClaims(ctx, claimsMost)
	if err != nil {
		return err
	}
	var ids []int64
	for _, claim := range claims {
		ids = append(ids, claim.AccountID, claim.HolderID)
	}
	people, err := s.store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	for _, claim := range claims {
		a := views.AdminClaim{Claim: claim, Asks: people[claim.AccountID], Has: people[claim.HolderID]}
		if a.AsksBought, err = s.store.HasBought(ctx, claim.AccountID); err != nil {
			return err
		}
		if a.HasBought, err = s.store.HasBought(ctx, claim.HolderID); err != nil {
			return err
		}
		m.Claims = append(m.Claims, a)
	}
	if m.Failed != uuid.Nil && len(m.Claims) == 0 { // decided by somebody else meanwhile
		return s.notPossible(c, "/admin/claims")
	}
	return s.render(c, status, views.AdminClaims(s.frame(c), m))
}
