package web

import (
	"net/http"
	"net/url"
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
	r := c.Request()
	switch path := c.Path(); {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return r.URL.RequestURI()
	case path == "/events/:slug/orders":
		return withQuery("/events/"+c.Param("slug"), typed(c, wishFields...))
	case path == "/orders/:id/refunds":
		return withQuery("/orders/"+c.Param("id")+"/refunds", typed(c, refundFields...))
	case strings.HasPrefix(path, "/orders/:id/"):
		return (&url.URL{Path: "/orders/" + c.Param("id")}).String()
	case strings.HasPrefix(path, "/admin/"):
		return "/admin"
	case path == "/password" || path == "/password/new" || path == "/confirm" || path == "/login/link" || path == "/email":
		return path
	case strings.HasPrefix(path, "/account/"):
		return "/account"
	case path == "/login" || path == "/register":
		return path + "?" + url.Values{"next": {safeNext(r.PostForm.Get("next"))}}.Encode()
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
