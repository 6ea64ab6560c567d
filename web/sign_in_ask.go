package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// askToSignIn leads to the sign-in page, and from there to where the person wanted to go, with what she typed. Programs get
// a status.
func (s *sessions) askToSignIn(c echo.Context, byAdmin bool) error {
	if wantsJSON(c) {
		return &problem{status: http.StatusUnauthorized}
	}
	next, please := s.wayBack(c), views.PleaseSignIn
	if s.forms.keep(c, byAdmin) {
		next, please = keptPath, views.FormKept
	}
	login := "/login?" + url.Values{"next": {next}}.Encode()
	s.flash(c, please)
	if wantsPart(c) {
		c.Response().Header().Set("HX-Redirect", login)
		return c.NoContent(http.StatusNoContent)
	}
	return seeOther(c, login)
}

// here is the page that the reader sees, for links that lead back to it. The answer to a form is not a page of its own:
// it stands for the page with the form.
func here(c echo.Context) string {
	switch {
	case reads(c):
		return c.Request().URL.RequestURI()
	case unsaved(c.Request().Context()):
		return keptPath
	}
	return formPage(c)
}

// reads says that a request asks for a page and sends nothing.
func reads(c echo.Context) bool {
	return c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
}

// formPage is the page whose form is sent to this path.
func formPage(c echo.Context) string {
	// The parameters of a path are not read when its method is wrong.
	sent := c.Request().URL.Path
	switch route := c.Path(); {
	case route == "/events/:slug/orders":
		return withQuery(path.Dir(sent), typed(c, wishFields...))
	case route == "/orders/:id/refunds":
		return withQuery(sent, typed(c, refundFields...))
	case strings.HasPrefix(route, "/orders/:id/"):
		return (&url.URL{Path: path.Dir(sent)}).String()
	case route == "/admin/events":
		return "/admin/events/new"
	case route == "/admin/events/:id":
		return (&url.URL{Path: sent + "/edit"}).String()
	case route == "/admin/events/:id/cancel":
		return (&url.URL{Path: sent}).String()
	case strings.HasPrefix(route, "/admin/events/:id/") || route == "/admin/orders/:id/refunds":
		return (&url.URL{Path: path.Dir(sent)}).String()
	case route == "/admin/claims/:id":
		return "/admin/claims"
	case strings.HasPrefix(route, "/admin/"):
		return "/admin"
	case route == "/password/new" || route == "/confirm" || route == "/login/link" || route == "/email":
		return route
	case strings.HasPrefix(route, "/account/"):
		return "/account"
	case route == "/password" && safeNext(c.Request().PostForm.Get("next")) == "/":
		return route
	case route == "/login" || route == "/register" || route == "/password":
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
	return safeNext(here(c))
}

// typed are those of the named fields of a posted form that hold something, as a query. None of them is about a person.
func typed(c echo.Context, fields ...string) url.Values {
	posted, err := formValues(c)
	if err != nil {
		return nil
	}
	query := url.Values{}
	for _, name := range fields {
		for _, v := range posted[name] {
			if v = strings.TrimSpace(v); v != "" {
				query.Add(name, v)
			}
		}
	}
	return query
}

// withQuery is a path with a query, without it if that would be longer than any path that we lead back to.
func withQuery(path string, query url.Values) string {
	page := url.URL{Path: path}
	short := page.String()
	page.RawQuery = query.Encode()
	if full := page.String(); len(full) <= longestNext {
		return full
	}
	return short
}

// longestNext is longer than any path of ours.
const longestNext = 1000

// safeNext is where to go on after signing in: a path of this site that is not about signing in, or the front page.
func safeNext(next string) string {
	next = ownPath(next)
	if page, file := strings.CutSuffix(next, ".pdf"); file { // a browser would save it and show nothing
		next = page
	}
	switch u, _ := url.Parse(next); u.Path { // ownPath has parsed it
	case "/login", "/login/link", "/register", "/logout", "/password", "/password/new", "/confirm", "/email":
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
