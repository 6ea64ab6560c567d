package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestTypedAddressesLeadToTheirPages(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	event, v := "/events/"+e.Slug, w.visitor()
	for typed, want := range map[string]string{
		"/events/" + strings.ToUpper(e.Slug): event,
		"/EVENTS/" + e.Slug:                  event,
		event + "/":                          event,
		event + ".":                          event,
		event + "//":                         event,
		event + "/.":                         event,
		event + "),":                         event,
		strings.ToUpper(event) + "/":         event,
		event + "/?quantity=2&x=%2F%2Fa":     event + "?quantity=2&x=%2F%2Fa",
		"/login/":                            "/login",
		"/Login":                             "/login",
		"/login/?next=%2Forders":             "/login?next=%2Forders",
		"/admin/":                            "/admin",
		"/orders/":                           "/orders",
		"/tickets.":                          "/tickets",
		"/HEALTHZ":                           "/healthz",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := v.send(method, typed, "").want(http.StatusPermanentRedirect); a.header.Get("Location") != want {
				t.Errorf("%s leads to %q, want %q", typed, a.header.Get("Location"), want)
			}
		}
	}
	v.get(event).want(http.StatusOK)
}

func TestTypedAddressesLeadNowhereElse(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	draft := w.createDraft(nil)
	v, fan := w.visitor(), w.fan()
	for _, typed := range []string{
		"//evil.test", "//evil.test/", "//EVIL.test/.", "/\\evil.test/", "/%5Cevil.test/", "/%2Fevil.test/", "/%2F%2Fevil.test/",
		"/nothing/", "/NOTHING", "/events/", "/events/nothing/", "/events/NOTHING", "/events/" + draft.Slug + "/",
		"/static/", "/static/APP.CSS", "/.", "/admin/nothing/", "/events/" + e.Slug + "/x/", "/%0d%0aLocation:x/",
	} {
		if a := v.get(typed); a.status != http.StatusNotFound && a.header.Get("Location") != "/" {
			t.Errorf("%s: %d, leads to %q", typed, a.status, a.header.Get("Location"))
		}
	}
	// A form is not sent on to another address.
	fan.post("/events/"+strings.ToUpper(e.Slug)+"/orders", orderForm(uuid.New(), e, 0, 1)).want(http.StatusNotFound)
	fan.post("/events/"+e.Slug+"/orders/", orderForm(uuid.New(), e, 0, 1)).want(http.StatusNotFound)
	v.post("/login/", nil).want(http.StatusNotFound)
}
