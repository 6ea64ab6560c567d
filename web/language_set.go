package web

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/views"
)

// languageTime is how long a browser remembers its language.
const languageTime = 365 * 24 * time.Hour

// languageSet remembers the reader's choice in her browser and in her account.
func (s *people) languageSet(c echo.Context) error {
	form, err := readForm(c, "language", "next")
	if err != nil {
		return err
	}
	chosen := form.Value("language")
	if !slices.Contains(views.Languages(), chosen) {
		return badForm(nil)
	}
	if who := account(c); who != nil {
		if err := s.store.SetLanguage(c.Request().Context(), who.ID, chosen); err != nil {
			return err
		}
	}
	s.setCookie(c, languageCookie, chosen, languageTime)
	s.flash(c, views.LanguageChanged)
	return seeOther(c, ownPath(form.Value("next")))
}
