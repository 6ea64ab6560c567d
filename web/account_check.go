package web

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"guiche/views"
)

const (
	longestName  = 200
	longestEmail = 254 // the longest that SMTP can address
	longestLocal = 64  // of it, before the @
)

// checkName wants a name that can be printed on a ticket, as cleanLine gives it.
func checkName(form *views.Form, name string) {
	switch {
	case !strings.ContainsFunc(name, unicode.IsLetter):
		form.Fail("name", views.NameMissing)
	case textLength(name) > longestName:
		form.Fail("name", views.TooLong)
	case piled(name):
		form.Fail("name", views.NameUnreadable)
	}
}

// checkEmail wants a plain address with a domain, in ASCII: letters that look alike must not make two accounts.
func checkEmail(form *views.Form, email string) {
	if !plainEmail(email) {
		form.Fail("email", views.EmailBad)
	}
}

// mailDomain is a name that the DNS can hold, with a last part that is no number.
var mailDomain = regexp.MustCompile(`(?i)^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$`)

func plainEmail(email string) bool {
	if len(email) > longestEmail || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || a.Name != "" {
		return false
	}
	local, domain, _ := strings.Cut(email, "@")
	return len(local) <= longestLocal && mailDomain.MatchString(domain)
}

// checkPassword wants a password of a length that is neither guessed nor a burden, and none that is tried first.
func checkPassword(form *views.Form, password string, whose ...string) {
	password = normalPassword(password)
	switch {
	case textLength(password) < PasswordShortest:
		form.Fail("password", views.PasswordShort(PasswordShortest))
	case textLength(password) > PasswordLongest:
		form.Fail("password", views.PasswordLong)
	case commonPassword(password):
		form.Fail("password", views.PasswordCommon)
	case tellsWhose(password, whose...):
		form.Fail("password", views.PasswordPersonal)
	}
}
