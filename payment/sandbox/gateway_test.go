package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"guiche/payment"
	"guiche/payment/contract"
)

const testSecret = "a secret of both sides"

func TestACallEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := New("http://"+listener.Addr().String(), testSecret).Get(ctx, "ch_1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v", err)
	}
}

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"a page":              func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html>") },
		"nothing":             func(http.ResponseWriter, *http.Request) {},
		"a proxy's not found": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not found", http.StatusNotFound) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				_, _ = io.WriteString(w, `{"id":"ch_1","status":"paid"}`)
				return
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"a failure": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", http.StatusBadGateway) },
	}
	for name, handler := range answers {
		server := httptest.NewServer(handler)
		c, err := New(server.URL+"/", testSecret).Get(t.Context(), "ch_1")
		server.Close()
		// Only the provider itself may say that it knows no such charge: a hold must not be undone on a proxy's word.
		if err == nil || errors.Is(err, payment.ErrNotFound) || c != (payment.Charge{}) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestParseNoticeTellsMalformedFromForged(t *testing.T) {
	clock := contract.NewClock()
	s := New("http://provider.test", testSecret)
	signed := func(secret string, at time.Time, body string) http.Header {
		return http.Header{SignatureHeader: {Sign(secret, at, []byte(body))}}
	}
	good, err := json.Marshal(Notice{ID: "no_1", Reference: "r", Type: ChargePaid, Created: clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	now := clock.Now()
	for name, row := range map[string]struct {
		header http.Header
		body   string
		want   error
	}{
		"good":           {signed(testSecret, now, string(good)), string(good), nil},
		"days old":       {signed(testSecret, now.Add(-72*time.Hour), string(good)), string(good), nil},
		"another secret": {signed("wrong", now, string(good)), string(good), payment.ErrSignature},
		"another body":   {signed(testSecret, now, string(good)), string(good) + " ", payment.ErrSignature},
		"unsigned":       {nil, string(good), payment.ErrSignature},
		"not JSON":       {signed(testSecret, now, "paid"), "paid", payment.ErrNotice},
		"empty":          {signed(testSecret, now, ""), "", payment.ErrNotice},
		"two":            {signed(testSecret, now, string(good)+string(good)), string(good) + string(good), payment.ErrNotice},
		"no id":          {signed(testSecret, now, `{"reference":"r","type":"charge.paid"}`), `{"reference":"r","type":"charge.paid"}`, payment.ErrNotice},
		"no reference":   {signed(testSecret, now, `{"id":"i","type":"charge.paid"}`), `{"id":"i","type":"charge.paid"}`, payment.ErrNotice},
		"no type":        {signed(testSecret, now, `{"id":"i","reference":"r"}`), `{"id":"i","reference":"r"}`, payment.ErrNotice},
	} {
		if n, err := s.ParseNotice(payment.Delivery{Header: row.header, Body: []byte(row.body)}); !errors.Is(err, row.want) || (err == nil) != (n != payment.Notice{}) {
			t.Errorf("%s: %+v, %v; want %v", name, n, err, row.want)
		}
	}
	// Without a secret nobody can have signed anything.
	bare := New("http://provider.test", "")
	if _, err := bare.ParseNotice(payment.Delivery{Header: signed("", now, string(good)), Body: good}); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("empty secret: %v", err)
	}
}

func FuzzParseNotice(f *testing.F) {
	clock := contract.NewClock()
	s := New("http://provider.test", testSecret)
	good := []byte(`{"id":"no_1","reference":"r","type":"charge.paid","created":"2026-12-01T20:00:00Z"}`)
	f.Add(Sign(testSecret, clock.Now(), good), good)
	f.Add("t=1,v1=", []byte("{}"))
	f.Add("t=99999999999999999999,v1=00", []byte("null"))
	f.Add("t=-1", []byte(`{"id":"\xff"}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, signature string, body []byte) {
		n, err := s.ParseNotice(payment.Delivery{Header: http.Header{SignatureHeader: {signature}}, Body: body})
		switch {
		case errors.Is(err, payment.ErrSignature) || errors.Is(err, payment.ErrNotice):
			if n != (payment.Notice{}) {
				t.Errorf("%v, yet %+v", err, n)
			}
		case err != nil:
			t.Errorf("an error without a name: %v", err)
		case n.ID == "" || n.Reference == "":
			t.Errorf("accepted %+v", n)
		}
		// Rightly signed, the same body is never called a forgery.
		if _, err := s.ParseNotice(payment.Delivery{Header: http.Header{SignatureHeader: {Sign(testSecret, clock.Now(), body)}}, Body: body}); errors.Is(err, payment.ErrSignature) {
			t.Errorf("a signature of our own: %v", err)
		}
	})
}
