package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/static"
)

// staticFile sends a file whose address changes with its content, so that nobody asks for it twice.
func staticFile(c echo.Context) error {
	f, ok := static.Lookup(c.Request().URL.Path)
	if !ok {
		return notFound()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return sendFile(c, f)
}

// favicon serves what asks for an icon without reading a page.
func favicon(c echo.Context) error {
	f, ok := static.Lookup(static.URL("mark.svg"))
	if !ok {
		return notFound()
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return sendFile(c, f)
}

func sendFile(c echo.Context, f static.File) error {
	body, h := f.Body, c.Response().Header()
	if f.Gzip != nil {
		h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if acceptsGzip(c.Request().Header.Get(echo.HeaderAcceptEncoding)) {
			h.Set(echo.HeaderContentEncoding, "gzip")
			body = f.Gzip
		}
	}
	return c.Blob(http.StatusOK, f.Type, body)
}

// acceptsGzip reads an Accept-Encoding header: gzip is named, and not with weight 0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight = strings.TrimSpace(weight)
			return !strings.HasPrefix(weight, "q=0") || strings.Trim(weight[3:], ".0") != ""
		}
	}
	return false
}
