package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// afterPath is what typing and sentences leave at the end of an address.
const afterPath = "/.,;:!?)"

// meantPath is the page that an address which leads nowhere was meant for: without what stands after it, or in lower case.
// It is empty if there is no such page.
func (s *Server) meantPath(c echo.Context, err error) string {
	r := c.Request()
	if r.Method != http.MethodGet && r.Method != http.MethodHead || asProblem(err).status != http.StatusNotFound {
		return ""
	}
	typed := r.URL.Path
	short := strings.TrimRight(typed, afterPath)
	for _, meant := range []string{short, strings.ToLower(short)} {
		if meant != "" && meant != typed && s.leadsSomewhere(c, meant) {
			return (&url.URL{Path: meant, RawQuery: r.URL.RawQuery}).String()
		}
	}
	return ""
}

// leadsSomewhere reports whether a path is a page of the site. Of events the catalog knows it; whether an order or a ticket
// is the reader's, its own page says.
func (s *Server) leadsSomewhere(c echo.Context, path string) bool {
	if ownPath(path) != path {
		return false
	}
	found := s.echo.NewContext(c.Request(), nil)
	s.echo.Router().Find(http.MethodGet, path, found)
	switch route := found.Path(); route {
	case "", "/static/*":
		return false
	case "/events/:slug":
		_, err := s.shop.catalog.bySlug(c.Request().Context(), found.Param("slug"))
		return !errors.Is(err, store.ErrNotFound)
	}
	return true
}
