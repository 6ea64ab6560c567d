package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"guiche/payment"
)

// StartShop receives notices as a shop does; notice waits for the next one.
func StartShop(t *testing.T) (noticeURL string, notice func(*testing.T) payment.Delivery) {
	t.Helper()
	notices := make(chan payment.Delivery, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		notices <- payment.Delivery{Header: r.Header.Clone(), Query: r.URL.Query(), Body: body}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/webhooks", func(t *testing.T) payment.Delivery {
		t.Helper()
		select {
		case n := <-notices:
			return n
		case <-time.After(10 * time.Second):
			t.Fatal("no notice came")
			return payment.Delivery{}
		}
	}
}

// Send makes a request and follows no redirect.
func Send(t *testing.T, req *http.Request) *http.Response {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}
