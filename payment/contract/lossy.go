package contract

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// Lossy is a road to a provider on which an answer can get lost after the provider has done what was asked.
type Lossy struct {
	Provider http.Handler
	mu       sync.Mutex
	next     bool
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
	if l.loses(r) {
		l.Provider.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.Provider.ServeHTTP(w, r)
}
