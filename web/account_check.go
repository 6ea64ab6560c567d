package web

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"guiche/views"
)

const (
	longestName  = 200
	longestEmail = 254 // the longest that SMTP can address
)

// checkName wants a name that can be printed on a ticket.
func checkName(form *views.Form, name string) {
	switch {
	case strings.TrimFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) == "":
		form.Fail("name", views.NameMissing)
	case utf8.RuneCountInString(name) > longestName || strings.ContainsFunc(name, unicode.IsControl):
		form.Fail("name", views.TooLong)
	}
}

// checkEmail wants a plain address with a domain, in ASCII: letters that look alike must not make two accounts.
func checkEmail(form *views.Form, email string) {
	if !plainEmail(email) {
		form.Fail("email", views.EmailBad)
	}
}

func plainEmail(email string) bool {
	if len(email) > longestEmail || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || a.Name != "" {
		return false
	}
	_, domain, _ := strings.Cut(email, "@")
	return strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(domain, "[]@")
}

// checkPassword wants a password of a length that is neither guessed nor a burden.
func checkPassword(form *views.Form, password string) {
	switch {
	case utf8.RuneCountInString(password) < PasswordShortest:
		form.Fail("password", views.PasswordShort(PasswordShortest))
	case len(password) > PasswordLongest:
		form.Fail("password", views.PasswordLong)
	}
}
