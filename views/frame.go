// Package views is what people see: pages and parts of pages, printed tickets, letters, and the words of each language.
// It takes plain values and writes HTML, plain text or PDF; it knows neither HTTP nor the database.
package views

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"guiche/store"
)

// Frame is what every page needs to know about its request.
type Frame struct {
	Language string         // one of Languages
	Account  *store.Account // nil if nobody is signed in
	Path     string         // path and query of the request, to return to after signing in or changing the language
	Now      time.Time      // the server's time, which all countdowns follow
	Flash    Message        // shown once after an action; zero for none
	DevMode  bool           // every page says that the money is play money
	Outbox   bool           // and links to the e-mails that were sent
}

// Context adds the frame's language to ctx, for T and everything else that depends on the language.
func (f Frame) Context(ctx context.Context) context.Context { return WithLanguage(ctx, f.Language) }

// Admin reports whether the reader is an admin.
func (f Frame) Admin() bool { return f.Account != nil && f.Account.Role == store.Admin }

// bounced says that letters to the reader come back.
func (f Frame) bounced() bool { return f.Account != nil && !f.Account.BouncedAt.IsZero() }

// SignIn links to the sign-in page, which leads back to this one.
func (f Frame) SignIn() string { return "/login?" + url.Values{"next": {f.next()}}.Encode() }

// Register links to the registration page, which leads back to this one.
func (f Frame) Register() string { return "/register?" + url.Values{"next": {f.next()}}.Encode() }

// next is the page to come back to: from one way in to the other, the one that the first leads to.
func (f Frame) next() string {
	if u, err := url.Parse(f.Path); err == nil && (u.Path == "/login" || u.Path == "/register") && u.Query().Has("next") {
		return u.Query().Get("next")
	}
	return f.Path
}

// here marks the link to a part of the site that this page belongs to.
func (f Frame) here(path string) templ.Attributes {
	at, _, _ := strings.Cut(f.Path, "?")
	switch {
	case at == path:
		return templ.Attributes{"aria-current": "page"}
	case strings.HasPrefix(at, path+"/"):
		return templ.Attributes{"aria-current": "true"}
	}
	return nil
}
