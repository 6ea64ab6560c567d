package web

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// rowsPerPage is how many rows of a long list a page has.
const rowsPerPage = 50

// lastPage bounds what is counted for a link of the previous release.
const lastPage = 1_000_000

// readPage reads the page of a list that ?before= or ?after= chooses by the number of a row, the newest if neither does,
// and the ways to the pages beside it.
func readPage[T any](c echo.Context, read func(store.Span, int) ([]T, error), number func(T) int64) (rows []T, p views.Pages, err error) {
	span := readSpan(c)
	rows, err = read(span, rowsPerPage+1)
	if span.After > 0 && len(rows) <= rowsPerPage { // all that is newer fits on the first page
		span = store.Span{}
		rows, err = read(span, rowsPerPage+1)
	}
	if err != nil {
		return nil, p, err
	}
	at := func(name string, row T) url.Values { return url.Values{name: {strconv.FormatInt(number(row), 10)}} }
	more := len(rows) > rowsPerPage
	switch {
	case more && span.After > 0:
		rows = rows[1:]
	case more:
		rows = rows[:rowsPerPage]
	}
	if more || span.After > 0 {
		p.Older = at("before", rows[len(rows)-1])
	}
	switch {
	case span == store.Span{}:
	case len(rows) == 0:
		p.Newer = url.Values{} // nothing is older: back to the newest
	default:
		p.Newer = at("after", rows[0])
	}
	return rows, p, nil
}

func readSpan(c echo.Context) store.Span {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
		if err != nil {
			return 0
		}
		return max(n, 0)
	}
	switch page := min(number("page"), lastPage); {
	case number("before") > 0:
		return store.Span{Before: number("before")}
	case number("after") > 0:
		return store.Span{After: number("after")}
	case page > 1:
		return store.Span{Skip: int(page-1) * rowsPerPage}
	}
	return store.Span{}
}
