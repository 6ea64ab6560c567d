package views

import (
	"github.com/google/uuid"

	"guiche/store"
)

// AdminClaimsModel lists claims to a CPF that wait for a decision.
type AdminClaimsModel struct {
	Claims []AdminClaim
	Failed uuid.UUID // the claim whose form came back
	Form   Form      // fields: note
}

// AdminClaim is a claim with its two people.
type AdminClaim struct {
	Claim                 store.CPFClaim
	Asks, Has             store.Account
	AsksBought, HasBought bool // tickets
}

func (m AdminClaimsModel) form(c AdminClaim) Form {
	if m.Failed == c.Claim.ID {
		return m.Form
	}
	return NewForm(nil)
}
