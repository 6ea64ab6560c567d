package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"guiche/views"
)

const (
	flashCookie    = "guiche-flash"
	languageCookie = "guiche-language"
	flashTime      = time.Minute
)

// pages is what every group of handlers has: how to log, to count, to render and to set cookies.
type pages struct {
	logger  *slog.Logger
	metrics *metrics
	base    *url.URL // of the site, as browsers see it
	devMode bool
	outbox  bool // pages link to the e-mails that dev kept
}

// secure says that browsers reach the site by https.
func (s *pages) secure() bool { return s.base.Scheme == "https" }

func (s *pages) log(c echo.Context) *slog.Logger { return s.logger.With("request", requestID(c)) }

// frame is what every page needs to know about its request. It takes the flash out.
func (s *pages) frame(c echo.Context) views.Frame {
	return views.Frame{
		Language: language(c),
		Account:  account(c),
		Path:     here(c),
		Now:      time.Now(),
		Flash:    s.takeFlash(c),
		DevMode:  s.devMode,
		Outbox:   s.outbox,
	}
}

// partFrame is frame for a part of an order's page; it leaves the flash to the next whole page.
func (s *pages) partFrame(c echo.Context) views.Frame {
	return views.Frame{Language: language(c), Account: account(c), Path: "/orders/" + c.Param("id"), Now: time.Now(), DevMode: s.devMode}
}

// language is what the reader chose, else the best match for her browser.
func language(c echo.Context) string {
	chosen := ""
	if cookie, err := c.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	return views.Match(c.Request().Header.Get("Accept-Language"), chosen)
}

// render sends a page, whole or not at all.
func (s *pages) render(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(views.WithLanguage(c.Request().Context(), language(c)), &b); err != nil {
		return err
	}
	if status == http.StatusUnprocessableEntity && unsaved(c.Request().Context()) {
		status = http.StatusOK // the page of a form that was not sent
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
	return c.HTMLBlob(status, b.Bytes())
}

// flash shows a message on the next page that this browser loads.
func (s *pages) flash(c echo.Context, m views.Message) {
	text, err := json.Marshal(m)
	if err != nil {
		return // a Message is plain data
	}
	s.setCookie(c, flashCookie, base64.RawURLEncoding.EncodeToString(text), flashTime)
}

func (s *pages) takeFlash(c echo.Context) (m views.Message) {
	cookie, err := c.Cookie(flashCookie)
	if err != nil {
		return m
	}
	s.dropCookie(c, flashCookie)
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(text, &m) != nil || !m.Known() {
		return views.Message{} // not one of ours
	}
	return m
}

func (s *pages) setCookie(c echo.Context, name, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

func (s *pages) dropCookie(c echo.Context, name string) { s.setCookie(c, name, "", -time.Second) }
