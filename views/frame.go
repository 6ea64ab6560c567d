// Package views is what people see: pages and parts of pages, tickets on paper, and the words of each language.
// It is given plain values and writes HTML or PDF; it knows neither HTTP nor the database.
package views

import (
	"context"
	"net/url"
	"time"

	"guiche/store"
)

// Frame is what every page needs to know of the request that it answers.
type Frame struct {
	Language string         // one of Languages
	Account  *store.Account // nil when nobody is signed in
	Path     string         // path and query of the request: the way back after signing in or changing language
	Now      time.Time      // the server's clock, which all countdowns follow
	Flash    Message        // said once after something was done; zero for nothing
	DevMode  bool           // says on every page that the money is play money
	Outbox   bool           // and leads to the e-mails that were sent
}

// Context gives ctx the language of the frame, for T and everything that is written as people write it.
func (f Frame) Context(ctx context.Context) context.Context { return WithLanguage(ctx, f.Language) }

// Admin says whether the reader runs events.
func (f Frame) Admin() bool { return f.Account != nil && f.Account.Role == store.Admin }

// SignIn is the way to the sign-in page and back to this one.
func (f Frame) SignIn() string { return "/login?" + url.Values{"next": {f.Path}}.Encode() }

// Register is the way to the registration page and back to this one.
func (f Frame) Register() string { return "/register?" + url.Values{"next": {f.Path}}.Encode() }
