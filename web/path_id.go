package web

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// pathUUID reads an id from the path; a malformed one names nothing.
func pathUUID(c echo.Context, name string) (uuid.UUID, error) {
	id, ok := parseUUID(c.Param(name))
	if !ok {
		return uuid.Nil, notFound()
	}
	return id, nil
}

// pathNumber reads a positive number from the path; a malformed one names nothing.
func pathNumber(c echo.Context, name string) (int64, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != c.Param(name) {
		return 0, notFound()
	}
	return n, nil
}

// parseUUID accepts the one spelling of a UUID that we write; uuid.Parse accepts more.
func parseUUID(text string) (id uuid.UUID, ok bool) {
	if len(text) != 36 {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil && id != uuid.Nil
}
