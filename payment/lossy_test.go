package payment

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// lossy is a road to a provider on which an answer can get lost after the provider has done what was asked.
type lossy struct {
	provider http.Handler
	mu       sync.Mutex
	next     bool
}

// lose loses the answer to the next change.
func (l *lossy) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = true
}

func (l *lossy) loses(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	loses := l.next && r.Method != http.MethodGet
	if loses {
		l.next = false
	}
	return loses
}

func (l *lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.loses(r) {
		l.provider.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.provider.ServeHTTP(w, r)
}
