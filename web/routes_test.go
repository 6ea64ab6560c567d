package web

import (
	"net/http"
	"testing"
)

func TestUnknownPathsAndMethodsNeedNoSignIn(t *testing.T) {
	w := newWorld(t)
	for who, v := range map[string]*visitor{"nobody": w.visitor(), "a fan": w.fan()} {
		for path, methods := range map[string]map[string]int{
			"/":                 {"GET": 200, "HEAD": 200, "POST": 405, "PUT": 405, "OPTIONS": 204, "TRACE": 405},
			"/nothing":          {"GET": 404, "HEAD": 404, "POST": 404, "PATCH": 404},
			"/events":           {"GET": 404},
			"/events/x/y":       {"GET": 404},
			"/login":            {"PUT": 405, "DELETE": 405},
			"/tickets":          {"POST": 405},
			"/logout":           {"GET": 405},
			"/orders/1":         {"DELETE": 405, "POST": 405},
			"/admin":            {"GET": 404, "HEAD": 404, "PUT": 404, "OPTIONS": 204},
			"/admin/events":     {"GET": 404, "DELETE": 404, "OPTIONS": 204},
			"/admin/nothing":    {"GET": 404, "DELETE": 404, "OPTIONS": 204},
			"/webhooks/sandbox": {"GET": 405},
			"/healthz":          {"POST": 405, "GET": 200},
			"/metrics":          {"GET": 404},
			"/static/":          {"GET": 404},
			"//evil.test":       {"GET": 404},
			"/..%2f..%2fetc":    {"GET": 404},
		} {
			for method, want := range methods {
				if got := v.send(method, path, "").status; got != want {
					t.Errorf("%s of %s by %s: %d, want %d", method, path, who, got, want)
				}
			}
		}
	}
	if allow := w.visitor().send(http.MethodPut, "/login", "").header.Get("Allow"); allow == "" {
		t.Error("405 without Allow")
	}
}

func TestEveryPageIsSentSafely(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	for _, path := range []string{"/", "/login", "/register", "/events/" + e.Slug, "/nothing", "/orders", "/healthz"} {
		h := w.visitor().get(path).header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		if h.Get("Content-Security-Policy") == "" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s has headers %v", path, h)
		}
	}
}

func TestNothingPrivateIsKeptByACache(t *testing.T) {
	w := newWorld(t)
	v, nobody := w.fan(), w.visitor()
	for _, a := range []answer{
		nobody.get("/orders"), nobody.get("/account"), nobody.get("/readyz"), nobody.get("/healthz"), v.get("/login"),
		nobody.post("/webhooks/sandbox", nil), nobody.post("/webhooks/nobody", nil), v.post("/logout", nil), nobody.get("/nothing"),
	} {
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", a.what, a.header)
		}
	}
	if kept := nobody.get("/favicon.ico").header.Get("Cache-Control"); kept != "public, max-age=86400" {
		t.Errorf("the icon: %q", kept)
	}
}

func TestProgramsThatKeepPasswordsFindWhereToChangeThem(t *testing.T) {
	w := newWorld(t)
	w.visitor().get("/.well-known/change-password").leadsTo("/account#password-change")
	w.visitor().get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").want(http.StatusNotFound)
}

func TestOptionsTellOfNoPage(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	there, not := v.send(http.MethodOptions, "/admin/events", ""), v.send(http.MethodOptions, "/admin/nothing", "")
	if there.status != not.status || there.header.Get("Allow") != not.header.Get("Allow") {
		t.Errorf("%d %v and %d %v", there.status, there.header, not.status, not.header)
	}
}
