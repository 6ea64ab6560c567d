package views

import (
	"strings"

	"guiche/store"
)

// MaskEmail is an e-mail that its owner recognises, and that tells others little.
func MaskEmail(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	return local[:min(len(local), 2)/2] + "•••@" + domain
}

// CPF is a CPF as people write it.
func CPF(digits string) string {
	if len(digits) != 11 {
		return digits
	}
	return digits[:3] + "." + digits[3:6] + "." + digits[6:9] + "-" + digits[9:]
}

// AccountModel is the registration page or the sign-in page.
type AccountModel struct {
	Form Form   // name, email, cpf when registering; email when signing in
	Next string // where to go afterwards: a path of this site, or empty
}

// AccountPageModel is a person's own account page.
type AccountPageModel struct {
	Account            store.Account
	Bought             bool    // tickets were given out to her CPF, which stays then
	Form               Form    // current and password, to change it
	Details            Form    // name and cpf, to correct them
	Email              Form    // email and current, to change it
	Claimed, Claimable bool    // she waits for an admin to decide about a CPF, or may ask for it: the one typed is another account's
	Wait               Message // why no letter was sent again; zero if there is nothing to say
}

// LinkModel is a page reached by a link in a letter.
type LinkModel struct {
	Form  Form   // password
	Email string // whose account it is about, masked
	Again string // where to ask for another link when this one no longer works
}
