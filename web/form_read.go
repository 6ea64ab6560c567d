package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

var errNotText = errors.New("broken UTF-8 or NUL in a form")

// formValues are the fields of a posted form, without those of the query string.
func formValues(c echo.Context) (url.Values, error) {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, &problem{status: http.StatusRequestEntityTooLarge, cause: err}
		}
		return nil, badForm(err)
	}
	for name, values := range r.PostForm {
		for _, v := range append(values, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, badForm(errNotText)
			}
		}
	}
	return r.PostForm, nil
}

// manyLines are the fields whose line breaks are kept.
var manyLines = map[string]bool{"description": true, "note": true}

// readForm keeps what was typed into the named fields, as people see it. The form of somebody who had to sign in first is
// refused: it is only shown again.
func readForm(c echo.Context, fields ...string) (views.Form, error) {
	posted, err := formValues(c)
	if err != nil {
		return views.Form{}, err
	}
	typed := make(map[string]string, len(fields))
	for _, name := range fields {
		typed[name] = cleanField(name, posted.Get(name))
	}
	form := views.NewForm(typed)
	if unsaved(c.Request().Context()) {
		form.Fail("", views.NothingSaved)
	}
	return form, nil
}

// cleanField is what was typed into a field, as people see it.
func cleanField(name, typed string) string {
	if manyLines[name] {
		return cleanText(typed)
	}
	return cleanLine(typed)
}
