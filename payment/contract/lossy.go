package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Lossy is a road to a provider on which an answer can get lost after the provider has done what was asked.
type Lossy struct {
	Provider http.Handler
	TooMany  string // the body of the answer to a call that is one too many
	mu       sync.Mutex
	next     bool
	busy     int
}

// Busy tells so many calls that they are too many.
func (l *Lossy) Busy(calls int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = calls
}

func (l *Lossy) isBusy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy == 0 {
		return false
	}
	l.busy--
	return true
}

// Lose loses the answer to the next change.
func (l *Lossy) Lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = true
}

func (l *Lossy) loses(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	loses := l.next && r.Method != http.MethodGet
	if loses {
		l.next = false
	}
	return loses
}

func (l *Lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.isBusy() {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Stripe-Should-Retry", "false")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, l.TooMany)
		return
	}
	if l.loses(r) {
		l.Provider.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.Provider.ServeHTTP(w, r)
}
