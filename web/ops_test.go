package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"guiche/jobs"
)

// TestOpsTellsApartAProcessAndItsServers: a process is ready when it can work, and the servers that all share have a page of
// their own.
func TestOpsTellsApartAProcessAndItsServers(t *testing.T) {
	w := newWorld(t)
	ops := NewOps(w.registry, w.Line)
	ask := func(path string, want int, says ...string) {
		t.Helper()
		r := httptest.NewRecorder()
		ops.ServeHTTP(r, httptest.NewRequest(http.MethodGet, path, nil))
		if r.Code != want {
			t.Errorf("%s answers %d, want %d: %s", path, r.Code, want, r.Body)
		}
		for _, text := range says {
			if !strings.Contains(r.Body.String(), text) {
				t.Errorf("%s does not say %s: %s", path, text, r.Body)
			}
		}
	}
	ask("/readyz", http.StatusServiceUnavailable, "starting")
	pulse := &jobs.Pulse{}
	ops.Ready(Fresh(pulse, time.Minute, "nothing was done"))
	ask("/readyz", http.StatusServiceUnavailable, "nothing was done")
	pulse.Beat()
	ask("/readyz", http.StatusOK)
	ops.AddStore(w.DB)
	w.Eventually("a worker has swept", func() bool { b, err := w.Line.Beat(t.Context()); return err == nil && b.Sweep >= 0 })
	ask("/statusz", http.StatusOK, `"postgres":"ok"`, `"redis":"ok"`, `"generator":"ok"`, `"worker":"ok"`)
	if err := w.Redis.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	ask("/statusz", http.StatusServiceUnavailable, `"redis":"`, `"postgres":"ok"`)
	ask("/readyz", http.StatusOK)
}

func TestTheLastHopOfAListIsTheVisitor(t *testing.T) {
	for header, want := range map[string]string{
		"":                             "192.0.2.1",
		"203.0.113.7":                  "203.0.113.7",
		"10.0.0.1, 203.0.113.7":        "203.0.113.7",
		"203.0.113.7:4711":             "203.0.113.7",
		"spoofed, 2001:db8::1":         "2001:db8::1",
		"10.0.0.1, [2001:db8::1]:4711": "2001:db8::1",
		"10.0.0.1,":                    "192.0.2.1",
		"203.0.113.7, not an address":  "192.0.2.1",
	} {
		s := &Server{Config: Config{ClientIPHeader: "X-Forwarded-For"}}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.1:1234"
		if header != "" {
			r.Header.Set("X-Forwarded-For", header)
		}
		if got := s.clientIP()(r); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
}
