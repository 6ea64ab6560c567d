package web

import (
	"strings"
	"testing"
)

func TestSafeNextStaysOnThisSite(t *testing.T) {
	for _, next := range []string{
		"/", "/events/a-show", "/events/a-show?ticket_type=1&quantity=2", "/orders/x#top", "/a//b", "/events/caf%C3%A9",
	} {
		if got := safeNext(next); got != next {
			t.Errorf("safeNext(%q) = %q, want it kept", next, got)
		}
	}
	for _, next := range []string{
		"", "x", "events", "//evil.test", "///evil.test", `/\evil.test`, `\\evil.test`, `/a\b`, "https://evil.test",
		"https:/evil.test", "javascript:alert(1)", "/\tevil", "/\n/evil.test", "\t//evil.test", " //evil.test",
		"/\x00", "/%zz", "/a\xff", "/login", "/login?next=/login", "/login#x", "/%6cogin", "/register", "/logout", "/" + strings.Repeat("a", 1000),
	} {
		if got := safeNext(next); got != "/" {
			t.Errorf("safeNext(%q) = %q, want the front page", next, got)
		}
	}
}
