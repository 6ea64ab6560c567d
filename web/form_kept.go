package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"guiche/views"
)

// A form that is sent after its sign-in ended is kept until its sender has signed in, and is then shown as it was typed.
const (
	keptPath = "/form" // shows it
	keptTime = 30 * time.Minute
	// mostInCookie leaves room for the other cookies within what proxies take as headers. More is kept in Redis, for admins only:
	// nobody else types more, and strangers must not fill it.
	mostInCookie = 2800
	keptKey      = "guiche:form:"
)

// keptRoutes are the forms whose text is worth keeping. Each of them reads its fields by readForm, which refuses a kept one.
var keptRoutes = map[string]bool{
	"/account/details":          true,
	"/admin/claims/:id":         true,
	"/account/email":            true,
	"/admin/events":             true,
	"/admin/events/:id":         true,
	"/admin/events/:id/cancel":  true,
	"/admin/events/:id/types":   true,
	"/admin/types/:id":          true,
	"/admin/types/:id/capacity": true,
	"/admin/orders/:id/refunds": true,
	"/admin/refunds/:id/settle": true,
}

// secretFields are never kept.
var secretFields = []string{"password", "current"}

// keptForm is what was sent where.
type keptForm struct {
	Path   string     `json:"path"`
	Fields url.Values `json:"fields"`
}

// forms keeps what was typed: sealed, in a cookie, or in Redis under a name that only the cookie knows.
type forms struct {
	*pages
	redis *redis.Client
	seal  cipher.AEAD
	name  string // of the cookie
}

func newForms(site *pages, rdb *redis.Client, secret []byte) (*forms, error) {
	f := &forms{pages: site, redis: rdb, name: "guiche-form"}
	if f.secure() {
		f.name = "__Host-guiche-form"
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche form", sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	f.seal, err = cipher.NewGCMWithRandomNonce(block)
	return f, err
}

// keep keeps the form of a request that has to wait for a sign-in. Where that cannot be done its sender signs in all the same.
func (f *forms) keep(c echo.Context, byAdmin bool) (kept bool) {
	if c.Request().Method != http.MethodPost || !keptRoutes[c.Path()] {
		return false
	}
	posted, err := formValues(c)
	if err != nil {
		return false
	}
	for _, name := range secretFields {
		posted.Del(name)
	}
	plain, err := json.Marshal(keptForm{c.Request().URL.Path, posted})
	if err != nil {
		return false // strings are plain data
	}
	sealed := base64.RawURLEncoding.EncodeToString(f.seal.Seal(nil, nil, plain, nil))
	value := "v" + sealed
	if len(value) > mostInCookie {
		if !byAdmin {
			return false
		}
		id := rand.Text()
		if err := f.redis.Set(c.Request().Context(), keptKey+id, sealed, keptTime).Err(); err != nil {
			f.log(c).Warn("a form is lost that was sent without a sign-in", "error", err)
			return false
		}
		value = "r" + id
	}
	f.setCookie(c, f.name, value, keptTime)
	return true
}

// read is the form that this browser has kept.
func (f *forms) read(c echo.Context) (k keptForm, ok bool) {
	cookie, err := c.Cookie(f.name)
	if err != nil || len(cookie.Value) < 2 {
		return k, false
	}
	sealed := cookie.Value[1:]
	if cookie.Value[0] == 'r' {
		if sealed, err = f.redis.Get(c.Request().Context(), keptKey+sealed).Result(); err != nil {
			return k, false
		}
	}
	box, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return k, false
	}
	plain, err := f.seal.Open(nil, nil, box, nil)
	return k, err == nil && json.Unmarshal(plain, &k) == nil
}

// kept says that this browser keeps a form.
func (f *forms) kept(c echo.Context) bool {
	_, err := c.Cookie(f.name)
	return err == nil
}

// formSent begins what is left of a kept form once it was sent: where it went.
const formSent = "s"

// sentTo is where the form that this browser kept was sent.
func (f *forms) sentTo(c echo.Context) (path string, ok bool) {
	cookie, err := c.Cookie(f.name)
	if err != nil {
		return "", false
	}
	text, ok := strings.CutPrefix(cookie.Value, formSent)
	if !ok {
		return "", false
	}
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	return string(bytes), err == nil
}

// done forgets the kept form when its sender goes on with another one, or with the same.
func (f *forms) done(c echo.Context) {
	if reads(c) || unsaved(c.Request().Context()) || !f.kept(c) {
		return
	}
	path := c.Request().URL.Path
	if k, ok := f.read(c); ok && k.Path == path { // whoever comes back to it is told so
		f.setCookie(c, f.name, formSent+base64.RawURLEncoding.EncodeToString([]byte(path)), keptTime)
		return
	}
	f.drop(c)
}

// drop forgets the kept form.
func (f *forms) drop(c echo.Context) {
	if f.kept(c) {
		f.dropCookie(c, f.name)
	}
}

type unsavedKey struct{}

// unsaved says that a form is only shown again: it must change nothing.
func unsaved(ctx context.Context) bool { return ctx.Value(unsavedKey{}) != nil }

// formShow shows a kept form as it was typed: its own handler reads it, finds that it was not sent, and answers as to
// any other form that needs another look.
func (s *Server) formShow(c echo.Context) error {
	k, ok := s.forms.read(c)
	if !ok {
		if path, sent := s.forms.sentTo(c); sent {
			s.flash(c, views.FormSent)
			return seeOther(c, sentPage(path))
		}
		s.flash(c, views.FormGone)
		return seeOther(c, "/")
	}
	ctx := context.WithValue(c.Request().Context(), unsavedKey{}, true)
	r := c.Request().Clone(ctx)
	body := k.Fields.Encode()
	r.Method, r.URL = http.MethodPost, &url.URL{Path: k.Path}
	r.Body, r.ContentLength = http.NoBody, int64(len(body))
	r.PostForm, r.Form = k.Fields, k.Fields
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	c.SetRequest(r)
	s.echo.Router().Find(http.MethodPost, k.Path, c)
	if !keptRoutes[c.Path()] { // a form of another release
		return notFound()
	}
	return c.Handler()(c)
}

// sentPage shows what a kept form is about.
func sentPage(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	switch {
	case len(parts) >= 3 && parts[0] == "admin" && (parts[1] == "events" || parts[1] == "orders"):
		return "/" + strings.Join(parts[:3], "/")
	case parts[0] == "admin":
		return "/admin"
	}
	return "/account"
}
