package contract

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/payment"
)

func refund(t *testing.T, w World) {
	c := w.Paid(t)
	var before int64
	var ids []string
	refund := func(key string, cents int64) (payment.Refund, error) {
		return w.Gateway.Refund(t.Context(), payment.NewRefund{Key: key, ChargeID: c.ID, AmountCents: cents, BeforeCents: before, Before: ids})
	}
	refunded := func(want int64) {
		t.Helper()
		if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != want || got.Status != payment.Paid {
			t.Errorf("charge is %+v, %v; want %d refunded", got, err, want)
		}
	}
	keys := []string{uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()}

	first, err := refund(keys[0], 2_345)
	if err != nil || first.ID == "" || first.AmountCents != 2_345 || first.Status != payment.RefundDone {
		t.Fatalf("part: %+v, %v", first, err)
	}
	if again, err := refund(keys[0], 2_345); err != nil || again != first {
		t.Errorf("again: %+v, %v; want %+v", again, err, first)
	}
	refunded(2_345)
	before, ids = 2_345, []string{first.ID}
	if _, err := refund(keys[0], 1); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("the key was used for another amount: %v", err)
	}
	if _, err := refund(keys[1], 10_001); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("more than what is left: %v", err)
	}
	for _, cents := range []int64{0, -1} {
		if _, err := refund(keys[2], cents); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("a refund of %d: %v", cents, err)
		}
	}
	refunded(2_345)
	rest, err := refund(keys[3], 10_000)
	if err != nil || rest.ID == first.ID {
		t.Errorf("rest: %+v, %v", rest, err)
	}
	refunded(12_345)
	before, ids = 12_345, []string{first.ID, rest.ID}
	if _, err := refund(uuid.NewString(), 1); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a cent too much: %v", err)
	}

	other := w.Paid(t)
	if _, err := w.Gateway.Refund(t.Context(), payment.NewRefund{Key: keys[0], ChargeID: other.ID, AmountCents: 2_345}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("the key was used for another charge: %v", err)
	}
}

func refundUnpaid(t *testing.T, w World) {
	c := w.Create(t)
	ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 1}
	if _, err := w.Gateway.Refund(t.Context(), ask); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("open: %v", err)
	}
	if _, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Gateway.Refund(t.Context(), ask); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("cancelled: %v", err)
	}
}

func refundRace(t *testing.T, w World) {
	c := w.Paid(t)
	ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r, err := w.Gateway.Refund(t.Context(), ask); err != nil || r.AmountCents != 5_000 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 5_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}
}

func forgottenKey(t *testing.T, w World) {
	c := w.Paid(t)
	first := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	second := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000, BeforeCents: 5_000}
	rest := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 2_345, BeforeCents: 10_000}
	var before []string
	for i, ask := range []payment.NewRefund{first, second, rest} {
		ask.Before, ask.AskedAt = before, w.Now()
		done, err := w.Gateway.Refund(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		w.Forget()
		again, err := w.Gateway.Refund(t.Context(), ask)
		if err != nil || again != done {
			t.Errorf("refund %d again: %+v, %v; was %+v", i, again, err, done)
		}
		if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != ask.BeforeCents+ask.AmountCents {
			t.Errorf("refunded %d, %v; want %d", got.RefundedCents, err, ask.BeforeCents+ask.AmountCents)
		}
		before = append(before, done.ID)
	}
}

func slowRefund(t *testing.T, w World) {
	w.Slow()
	for _, ok := range []bool{true, false} {
		c := w.Paid(t)
		ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
		for range 2 {
			if r, err := w.Gateway.Refund(t.Context(), ask); err != nil || r.Status != payment.RefundPending {
				t.Errorf("on its way: %+v, %v", r, err)
			}
		}
		w.Refunds(ok)
		r, err := w.Gateway.Refund(t.Context(), ask)
		if ok && (err != nil || r.Status != payment.RefundDone) || !ok && !errors.Is(err, payment.ErrRefused) {
			t.Errorf("done %v: %+v, %v", ok, r, err)
		}
		want := int64(0)
		if ok {
			want = 5_000
		}
		if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != want {
			t.Errorf("refunded %d, %v; want %d", got.RefundedCents, err, want)
		}
	}
}
