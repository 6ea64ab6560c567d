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
		w.told(t, c)
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

// noticeOld: a repeat may carry the moment of the first try, and a shop may have been away for long.
func noticeOld(t *testing.T, w World) {
	w.Pay(t, w.Create(t))
	d := w.Notice(t)
	want, err := w.Gateway.ParseNotice(d)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(72 * time.Hour)
	if n, err := w.Gateway.ParseNotice(d); err != nil || n != want {
		t.Errorf("a notice of three days ago: %+v, %v; want %+v", n, err, want)
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
