package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// wantsJSON says that the client asked for JSON, or for events, rather than for a page.
func wantsJSON(c echo.Context) bool {
	accept := c.Request().Header.Get(echo.HeaderAccept)
	return strings.HasPrefix(accept, echo.MIMEApplicationJSON) || strings.HasPrefix(accept, "text/event-stream")
}

// wantsPage says that a person's browser asked.
func wantsPage(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML)
}

// wantsPart says that the page asks for a part of itself.
func wantsPart(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }
