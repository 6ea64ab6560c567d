package web

import (
	"encoding/base64"
	"net/url"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// wayCookie holds where somebody was going when she had to wait for a letter to sign in.
const wayCookie = "guiche-way"

// keepWay keeps where to go on after the link in a letter: on the way to the line, a forgotten password costs no choice.
func (s *people) keepWay(c echo.Context, next string) {
	if next != "/" {
		s.setCookie(c, wayCookie, base64.RawURLEncoding.EncodeToString([]byte(next)), store.ResetTime)
	}
}

// wayOn is where to go on after the link in a letter: back to what was typed, or to where she was going. Both are there
// for the second press too, and go when their time is over.
func (s *people) wayOn(c echo.Context) string {
	if s.sessions.forms.kept(c) {
		return keptPath
	}
	cookie, err := c.Cookie(wayCookie)
	if err != nil {
		return "/"
	}
	next, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return "/"
	}
	return safeNext(string(next))
}

// loginPath is the sign-in page on the way to a page.
func loginPath(next string) string {
	if next == "/" {
		return "/login"
	}
	return "/login?" + url.Values{"next": {next}}.Encode()
}
