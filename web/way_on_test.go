package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"guiche/store"
)

func TestAForgottenPasswordOnTheWayToTheLineKeepsTheChoice(t *testing.T) {
	w := newWorld(t)
	event := w.createEvent(nil)
	fan := w.visitor()
	fan.account = w.fan().account
	sent := fan.post("/events/"+event.Slug+"/orders", url.Values{"ticket_type": {itoa(event.Types[0].ID)}, "quantity": {"3"}, "keep": {"on"}})
	login := sent.want(http.StatusSeeOther).header.Get("Location")
	at, _ := url.Parse(login)
	next := at.Query().Get("next")
	if !strings.Contains(next, "quantity=3") || !strings.Contains(next, "keep=on") {
		t.Fatalf("signing in leads to %s", next)
	}
	forgot := "/password?" + url.Values{"next": {next}}.Encode()
	fan.get(login).says(strings.ReplaceAll(forgot, "&", "&amp;"))
	fan.get(forgot).want(http.StatusOK).says(strings.ReplaceAll(next, "&", "&amp;"))
	fan.post("/password", url.Values{"email": {"nobody"}, "next": {next}}).want(http.StatusUnprocessableEntity).says(strings.ReplaceAll(next, "&", "&amp;"))
	fan.post("/password", url.Values{"email": {fan.account.Email}, "next": {next}}).leadsTo("/login?" + url.Values{"next": {next}}.Encode())
	fan.get(w.newestLink(store.LinkReset)).leadsTo("/password/new")
	fan.post("/password/new", url.Values{"password": {"another long one"}}).leadsTo(next)

	stranger := w.visitor()
	stranger.post("/password", url.Values{"email": {fan.account.Email}, "next": {"https://evil.test/"}}).leadsTo("/login")
}
