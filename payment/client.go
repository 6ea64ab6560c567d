package payment

import (
	"net/http"
	"time"
)

const (
	// callTimeout bounds one call of a gateway, from dialling to the last byte. Callers may give less through their context.
	callTimeout = 10 * time.Second
	// answerLimit bounds an answer that is read by a library, in bytes.
	answerLimit = 8 << 20
)

// NewClient makes the HTTP client of a gateway.
func NewClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32 // one host gets all calls; the default of 2 would dial in every rush
	return &http.Client{
		Timeout:   callTimeout,
		Transport: bounded{transport},
		// No API redirects; following one would carry the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded ends answers that are longer than any gateway's.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, answerLimit)
	}
	return resp, err
}
