package journeys

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/static"
	"guiche/views"
	"guiche/views/gallery"
)

// everyState looks at every state of every page in a language, also those that no journey comes by. It is one of some that
// share them.
func everyState(language string, look func(p *tab, name string), share, shares int) func(*testing.T, *browser) {
	return func(t *testing.T, b *browser) {
		site := newGallery(t, language)
		p := b.open(t, nil, phone)
		p.axe = site.URL + axePath
		var names []string
		for _, l := range gallery.Letters() {
			names = append(names, l.Name)
		}
		for _, s := range gallery.States() {
			names = append(names, s.Name)
		}
		for i := share; i < len(names); i += shares {
			p.do("visit "+names[i], chromedp.Navigate(site.URL+"/"+names[i]))
			look(p, "gallery-"+names[i])
		}
	}
}

// axePath is where a gallery has axe: a browser parses once what it loads from an address.
const axePath = "/axe.js"

// stayInGallery looks at an order for so long that its page asks by itself, as it does when everyState is slow.
func stayInGallery(t *testing.T, b *browser) {
	p := b.open(t, nil, phone)
	p.do("visit the line", chromedp.Navigate(newGallery(t, views.Portuguese).URL+"/order-queued-next"))
	p.keep()
	p.await("the page has asked", func() bool {
		return ask[bool](p, `performance.getEntriesByType("resource").some(e => e.initiatorType === "xmlhttprequest")`)
	})
	p.has(".order-queued")
	p.kept()
}

// newGallery serves every state in a language, under its name.
func newGallery(t *testing.T, language string) *httptest.Server {
	t.Helper()
	states := map[string]gallery.State{}
	for _, s := range gallery.States() {
		states[s.Name] = s
	}
	letters := map[string]gallery.Letter{}
	for _, l := range gallery.Letters() {
		letters[l.Name] = l
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, ok := static.Lookup(r.URL.Path); ok {
			w.Header().Set("Content-Type", f.Type)
			w.Header().Set("Cache-Control", "max-age=3600") // as web has it: parsed once
			_, _ = w.Write(f.Body)
			return
		}
		if r.URL.Path == axePath {
			w.Header().Set("Content-Type", "text/javascript")
			w.Header().Set("Cache-Control", "max-age=3600")
			_, _ = w.Write([]byte(axe))
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		if s, ok := states[name]; ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := s.Page(s.Frame(language)).Render(r.Context(), w); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			return
		}
		if l, ok := letters[name]; ok {
			paper, err := views.WriteLetter(language, l.Model)
			if err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(paper.HTML))
			return
		}
		if strings.HasPrefix(r.URL.Path, "/outbox/") { // what a frame shows
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!DOCTYPE html><html lang=%q><title>x</title>", language)
			return
		}
		if r.URL.Path == "/healthz" {
			return
		}
		if strings.HasSuffix(r.URL.Path, "/events") { // live updates: nothing changes in a gallery
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "event: %s\ndata: end\n\n", views.CloseEvent)
			return
		}
		if r.Header.Get("HX-Request") == "true" && (strings.HasPrefix(r.URL.Path, "/orders/") || strings.HasPrefix(r.URL.Path, "/events/")) {
			// A page that is stayed on asks by itself; there are no news for it either.
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if r.URL.Path == "/favicon.ico" { // a letter has no mark of the site
			w.WriteHeader(http.StatusNoContent)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(site.Close)
	return site
}
