package chaos

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// passHTTP takes requests of one party and passes them on to another, at an address that may be away for a moment. It
// returns its own address.
func (s *stepper) passHTTP(t *testing.T, from, to, address string) string {
	t.Helper()
	client := &http.Client{
		Timeout:       attemptTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true}, // so that a request is never sent to a process that was killed
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to == "web" && s.deaf.Load() {
			return
		}
		its := step{from, to, r.Method + " " + nameless(r.URL.Path)}
		body, err := io.ReadAll(r.Body)
		if err != nil || s.before(its) {
			panic(http.ErrAbortHandler)
		}
		next, err := http.NewRequestWithContext(r.Context(), r.Method, address+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		next.Header = r.Header.Clone()
		answer, err := client.Do(next)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil || s.after(its) {
			panic(http.ErrAbortHandler)
		}
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(said) // who went away asks again
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// nextTry is how long people wait before they press a button again.
const nextTry = 200 * time.Millisecond
