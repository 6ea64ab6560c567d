package contract

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"guiche/payment"
)

func notice(t *testing.T, w World) {
	for _, act := range []func(*testing.T, payment.Charge){w.Pay, w.Decline} {
		c := w.Create(t)
		act(t, c)
		n, err := w.Gateway.ParseNotice(w.Notice(t))
		if err != nil || n.ID == "" {
			t.Fatalf("notice %+v, %v", n, err)
		}
		about := n.Reference
		if about == "" { // then the gateway knows
			said, err := w.Gateway.Get(t.Context(), n.ChargeID)
			if err != nil {
				t.Fatal(err)
			}
			about = said.Reference
		}
		if about != c.Reference {
			t.Errorf("notice %+v is of %q; want %q", n, about, c.Reference)
		}
	}
}

func noticeIDs(t *testing.T, w World) {
	seen := map[string]bool{}
	for range 5 {
		w.Pay(t, w.Create(t))
		n, err := w.Gateway.ParseNotice(w.Notice(t))
		if err != nil || seen[n.ID] {
			t.Errorf("notice %+v, %v after %v", n, err, seen)
		}
		seen[n.ID] = true
	}
}

func noticeForged(t *testing.T, w World) {
	c := w.Create(t)
	w.Pay(t, c)
	d := w.Notice(t)
	want, err := w.Gateway.ParseNotice(d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Gateway.ParseNotice(payment.Delivery{Query: d.Query, Body: d.Body}); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("without headers: %v", err)
	}
	for name := range d.Header {
		good := d.Header.Get(name)
		for _, value := range []string{"", "x", good + "0", strings.ToUpper(good), "0" + good} {
			forged := d
			forged.Header = d.Header.Clone()
			forged.Header.Set(name, value)
			if n, err := w.Gateway.ParseNotice(forged); err == nil && n != want || err != nil && !errors.Is(err, payment.ErrSignature) {
				t.Errorf("%s: %q: %+v, %v", name, value, n, err)
			}
		}
	}
	for name := range d.Query {
		forged := d
		forged.Query = maps.Clone(d.Query)
		forged.Query.Set(name, d.Query.Get(name)+"0")
		// What is not signed can at most make a notice one of something else.
		if n, err := w.Gateway.ParseNotice(forged); err == nil && n != want || err != nil && !errors.Is(err, payment.ErrSignature) && !errors.Is(err, payment.ErrOtherNotice) {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

func noticeStale(t *testing.T, w World) {
	w.Pay(t, w.Create(t))
	d := w.Notice(t)
	w.Advance(4 * time.Minute)
	if _, err := w.Gateway.ParseNotice(d); err != nil {
		t.Errorf("a notice of four minutes ago: %v", err)
	}
	w.Advance(2 * time.Minute)
	if _, err := w.Gateway.ParseNotice(d); !errors.Is(err, payment.ErrSignature) {
		t.Errorf("a notice of six minutes ago: %v", err)
	}
}

// CheckNotice holds what is true of every parser and every delivery.
func CheckNotice(t *testing.T, g payment.Gateway, d payment.Delivery) {
	t.Helper()
	n, err := g.ParseNotice(d)
	switch {
	case errors.Is(err, payment.ErrSignature) || errors.Is(err, payment.ErrNotice) || errors.Is(err, payment.ErrOtherNotice):
		if n != (payment.Notice{}) {
			t.Errorf("%v, yet %+v", err, n)
		}
	case err != nil:
		t.Errorf("an error without a name: %v", err)
	case n.ID == "" || n.Reference == "" && n.ChargeID == "":
		t.Errorf("accepted %+v", n)
	}
}
