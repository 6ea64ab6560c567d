package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// askToSignIn leads to the sign-in page, and from there to where the person wanted to go. Programs get a status.
func (s *sessions) askToSignIn(c echo.Context) error {
	if wantsJSON(c) {
		return &problem{status: http.StatusUnauthorized}
	}
	login := "/login?" + url.Values{"next": {s.wayBack(c)}}.Encode()
	s.flash(c, views.PleaseSignIn)
	if wantsPart(c) {
		c.Response().Header().Set("HX-Redirect", login)
		return c.NoContent(http.StatusNoContent)
	}
	return seeOther(c, login)
}

// here is the page that the reader sees, for links that lead back to it. The answer to a form is not a page of its own:
// it stands for the page with the form.
func here(c echo.Context) string {
	if reads(c) {
		return c.Request().URL.RequestURI()
	}
	return formPage(c)
}

// reads says that a request asks for a page and sends nothing.
func reads(c echo.Context) bool {
	return c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
}

// formPage is the page whose form is sent to this path.
func formPage(c echo.Context) string {
	switch route := c.Path(); {
	case route == "/events/:slug/orders" || strings.HasPrefix(route, "/orders/:id/"):
		return (&url.URL{Path: path.Dir(c.Request().URL.Path)}).String()
	case strings.HasPrefix(route, "/admin/"):
		return "/admin"
	case route == "/password" || route == "/password/new" || route == "/confirm":
		return route
	case strings.HasPrefix(route, "/account/"):
		return "/account"
	case route == "/login" || route == "/register":
		return route + "?" + url.Values{"next": {safeNext(c.Request().PostForm.Get("next"))}}.Encode()
	}
	return "/"
}

// wayBack is where to go after signing in: the page itself, or the one whose form was sent.
func (s *sessions) wayBack(c echo.Context) string {
	r := c.Request()
	if wantsPart(c) {
		if u, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil {
			return safeNext(u.RequestURI())
		}
	}
	page := here(c)
	if r.Method == http.MethodPost && c.Path() == "/events/:slug/orders" {
		if form, err := readForm(c, "ticket_type", "quantity"); err == nil {
			page += "?" + url.Values{
				"ticket_type": {form.Value("ticket_type")}, "quantity": {form.Value("quantity")},
			}.Encode()
		}
	}
	return safeNext(page)
}

// longestNext is longer than any path of ours.
const longestNext = 1000

// safeNext is where to go on after signing in: a path of this site that is not about signing in, or the front page.
func safeNext(next string) string {
	next = ownPath(next)
	switch u, _ := url.Parse(next); u.Path { // ownPath has parsed it
	case "/login", "/register", "/logout", "/password", "/password/new", "/confirm":
		return "/"
	}
	return next
}

// ownPath is a path of this site, or the front page: a link that looks like ours sends nobody to another site.
// Browsers read // and \ as another host, and drop control characters before parsing.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > longestNext || u.Scheme != "" || u.Host != "" || u.Opaque != "" ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return "/"
	}
	return next
}
