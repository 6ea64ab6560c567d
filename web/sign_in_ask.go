package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// askToSignIn leads to the sign-in page and from there to where the person wanted to go.
// Programs are told in the way of programs.
func (s *Server) askToSignIn(c echo.Context) error {
	if wantsJSON(c) {
		return &problem{status: http.StatusUnauthorized}
	}
	login := "/login?" + url.Values{"next": {s.wayBack(c)}}.Encode()
	s.flash(c, views.PleaseSignIn)
	if c.Request().Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", login)
		return c.NoContent(http.StatusNoContent)
	}
	return seeOther(c, login)
}

// wayBack is where a person who has to sign in first goes on: to the page itself, or to the one whose form she sent.
func (s *Server) wayBack(c echo.Context) string {
	r := c.Request()
	switch {
	case r.Header.Get("HX-Request") == "true":
		if u, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil {
			return safeNext(u.RequestURI())
		}
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return safeNext(r.URL.RequestURI())
	case c.Path() == "/events/:slug/orders":
		page := url.URL{Path: "/events/" + c.Param("slug")}
		if form, err := readForm(c, "ticket_type", "quantity"); err == nil {
			page.RawQuery = url.Values{
				"ticket_type": {form.Value("ticket_type")}, "quantity": {form.Value("quantity")},
			}.Encode()
		}
		return safeNext(page.String())
	case strings.HasPrefix(c.Path(), "/orders/:id/"):
		return safeNext((&url.URL{Path: "/orders/" + c.Param("id")}).String())
	}
	return "/"
}

// longestNext is longer than any path of ours.
const longestNext = 1000

// safeNext is a path of this site, or the front page: nobody is sent to another site by a link that looks like ours.
// Browsers read // and \ as another host, and drop control characters before they look.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > longestNext || u.Scheme != "" || u.Host != "" || u.Opaque != "" ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return "/"
	}
	switch u.Path {
	case "/login", "/register", "/logout": // signing in does not lead back to signing in
		return "/"
	}
	return next
}
