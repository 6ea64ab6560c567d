package contract

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
)

// What can become of money after it was paid: not all of it is our doing.

// told waits for the next notice, which has to be about a charge.
func (w World) told(t *testing.T, c payment.Charge) {
	t.Helper()
	n, err := w.Gateway.ParseNotice(w.Notice(t))
	if err != nil {
		t.Fatalf("a notice: %v", err)
	}
	about := n.Reference
	if about == "" { // then the gateway knows
		said, err := w.Gateway.Get(t.Context(), n.ChargeID)
		if err != nil {
			t.Fatalf("notice %+v: %v", n, err)
		}
		about = said.Reference
	}
	if about != c.Reference {
		t.Errorf("notice %+v is about %q; want %q", n, about, c.Reference)
	}
}

// left asserts what became of the money of a paid charge.
func (w World) left(t *testing.T, id string, refunded int64, d payment.DisputeStatus, disputed int64) {
	t.Helper()
	c, err := w.Gateway.Get(t.Context(), id)
	if err != nil || c.Status != payment.Paid || c.RefundedCents != refunded || c.Dispute != d || c.DisputedCents != disputed ||
		c.LeftCents() != c.AmountCents-refunded-disputed {
		t.Errorf("charge is %+v with %d left, %v; want %d refunded, dispute %q of %d", c, c.LeftCents(), err, refunded, d, disputed)
	}
}

func (w World) ask(c payment.Charge, cents int64) payment.NewRefund {
	return payment.NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: cents, AskedAt: w.Now()}
}

func disputeWon(t *testing.T, w World) {
	c := w.Paid(t)
	w.told(t, c)
	w.Dispute(t, c)
	w.told(t, c)
	w.left(t, c.ID, 0, payment.DisputeOpen, c.AmountCents)
	if r, err := w.Gateway.Refund(t.Context(), w.ask(c, 2_000)); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("sent back what the bank holds: %+v, %v", r, err)
	}
	w.DisputeEnds(t, c, true)
	w.told(t, c)
	w.left(t, c.ID, 0, payment.DisputeWon, 0)
}

func disputeLost(t *testing.T, w World) {
	c := w.Paid(t)
	if _, err := w.Gateway.Refund(t.Context(), w.ask(c, 2_345)); err != nil {
		t.Fatal(err)
	}
	w.Dispute(t, c)
	w.DisputeEnds(t, c, false)
	w.left(t, c.ID, 2_345, payment.DisputeLost, c.AmountCents-2_345)
	if r, err := w.Gateway.Refund(t.Context(), w.ask(c, 10_000)); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("sent back what the bank took: %+v, %v", r, err)
	}
}

func panelRefund(t *testing.T, w World) {
	c := w.Paid(t)
	w.told(t, c)
	w.PanelRefund(t, c, 5_000)
	w.told(t, c)
	w.left(t, c.ID, 5_000, payment.NoDispute, 0)
	w.Advance(time.Hour)
	// One of the same amount that is asked for later is another one.
	ours, err := w.Gateway.Refund(t.Context(), w.ask(c, 5_000))
	if err != nil || ours.AmountCents != 5_000 {
		t.Errorf("%+v, %v", ours, err)
	}
	w.left(t, c.ID, 10_000, payment.NoDispute, 0)
	more := w.ask(c, 5_000)
	more.BeforeCents, more.Before = 5_000, []string{ours.ID}
	if r, err := w.Gateway.Refund(t.Context(), more); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("sent back more than was left: %+v, %v", r, err)
	}
	w.left(t, c.ID, 10_000, payment.NoDispute, 0)

	c = w.Paid(t)
	w.PanelRefund(t, c, c.AmountCents)
	w.left(t, c.ID, c.AmountCents, payment.NoDispute, 0)
	if r, err := w.Gateway.Refund(t.Context(), w.ask(c, c.AmountCents)); err == nil && r.AmountCents != c.AmountCents || err != nil && !errors.Is(err, payment.ErrRefused) {
		t.Errorf("everything was back already: %+v, %v", r, err)
	}
	w.left(t, c.ID, c.AmountCents, payment.NoDispute, 0)
}

func refundComesBack(t *testing.T, w World) {
	c := w.Paid(t)
	ask := w.ask(c, 5_000)
	sent, err := w.Gateway.Refund(t.Context(), ask)
	if err != nil || sent.Status != payment.RefundDone {
		t.Fatalf("%+v, %v", sent, err)
	}
	if r, err := w.Gateway.GetRefund(t.Context(), c.ID, sent.ID); err != nil || r != sent {
		t.Errorf("read as %+v, %v; want %+v", r, err, sent)
	}
	for _, id := range []string{"", "..", "no such refund", c.ID, sent.ID + "0"} {
		if r, err := w.Gateway.GetRefund(t.Context(), c.ID, id); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("a refund called %q: %+v, %v", id, r, err)
		}
	}
	w.RefundsFail(t, c)
	if r, err := w.Gateway.GetRefund(t.Context(), c.ID, sent.ID); err != nil || r.Status != payment.RefundFailed {
		t.Errorf("came back: %+v, %v", r, err)
	}
	w.left(t, c.ID, 0, payment.NoDispute, 0)
	ask.Key = uuid.NewString()
	if r, err := w.Gateway.Refund(t.Context(), ask); err != nil || r.Status != payment.RefundDone || r.ID == sent.ID {
		t.Errorf("sent anew: %+v, %v", r, err)
	}
	w.left(t, c.ID, 5_000, payment.NoDispute, 0)
}

func pace(t *testing.T, w World) {
	c := w.Create(t)
	w.Busy(1)
	if got, err := w.Gateway.Get(t.Context(), c.ID); !errors.Is(err, payment.ErrBusy) || errors.Is(err, payment.ErrRefused) {
		t.Errorf("asked too often: %+v, %v", got, err)
	}
	w.Want(t, c.ID, payment.Open)
}

func bounds(t *testing.T, w World) {
	b, ok := w.Gateway.Bounds("BRL")
	if !ok || b.LeastCents < 1 || b.RefundDays < 0 {
		t.Fatalf("in reais: %+v, %v", b, ok)
	}
	n := w.NewCharge()
	n.AmountCents = b.LeastCents
	if c, err := w.Gateway.Create(t.Context(), n); err != nil || c.AmountCents != b.LeastCents {
		t.Errorf("the least amount: %+v, %v", c, err)
	}
}

func createFirst(t *testing.T, w World) {
	n := w.NewCharge()
	n.First = true
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil || c.Status != payment.Open || c.PayURL == "" && c.PixCode == "" || c.Reference != n.Reference {
		t.Fatalf("%+v, %v", c, err)
	}
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got != c {
		t.Errorf("Get: %+v, %v; want %+v", got, err, c)
	}
	n.First = false
	if again, err := w.Gateway.Create(t.Context(), n); err != nil || again != c {
		t.Errorf("again: %+v, %v; want %+v", again, err, c)
	}
}
