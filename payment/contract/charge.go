package contract

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
)

func create(t *testing.T, w World) {
	n := w.NewCharge()
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if c.ID == "" || c.PayURL == "" && c.PixCode == "" {
		t.Errorf("nobody can pay %+v", c)
	}
	if c.Reference != n.Reference || c.AmountCents != n.AmountCents || c.Currency != n.Currency || c.RefundedCents != 0 ||
		c.Status != payment.Open || c.ExpiresAt.Before(n.ExpiresAt) || c.ExpiresAt.After(n.ExpiresAt.Add(w.Spare)) {
		t.Errorf("asked for %+v, got %+v", n, c)
	}
}

func createAgain(t *testing.T, w World) {
	n := w.NewCharge()
	first, err := w.Gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Gateway.Create(t.Context(), n)
	if err != nil || second != first {
		t.Errorf("first %+v, then %+v, %v", first, second, err)
	}
	w.Pay(t, first)
	third, err := w.Gateway.Create(t.Context(), n)
	if err != nil || third.ID != first.ID || third.Status != payment.Paid {
		t.Errorf("after paying: %+v, %v", third, err)
	}
}

func createRace(t *testing.T, w World) {
	n := w.NewCharge()
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			c, err := w.Gateway.Create(t.Context(), n)
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("one reference, two charges: %v", ids)
		}
	}
}

func createConflict(t *testing.T, w World) {
	n := w.NewCharge()
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	n.AmountCents++
	if _, err := w.Gateway.Create(t.Context(), n); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("another amount for the same reference: %v", err)
	}
	if again, err := w.Gateway.Get(t.Context(), c.ID); err != nil || again != c {
		t.Errorf("charge is now %+v, %v", again, err)
	}
}

func createInvalid(t *testing.T, w World) {
	for name, spoil := range map[string]func(*payment.NewCharge){
		"no amount":       func(n *payment.NewCharge) { n.AmountCents = 0 },
		"negative amount": func(n *payment.NewCharge) { n.AmountCents = -1 },
		"no currency":     func(n *payment.NewCharge) { n.Currency = "" },
		"no reference":    func(n *payment.NewCharge) { n.Reference = "" },
	} {
		n := w.NewCharge()
		spoil(&n)
		if c, err := w.Gateway.Create(t.Context(), n); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func getFind(t *testing.T, w World) {
	c := w.Create(t)
	w.Create(t)
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got != c {
		t.Errorf("Get: %+v, %v; want %+v", got, err, c)
	}
	if got, err := w.Gateway.Find(t.Context(), c.Reference, w.Now()); err != nil || got != c {
		t.Errorf("Find: %+v, %v; want %+v", got, err, c)
	}
}

func notFound(t *testing.T, w World) {
	c := w.Create(t)
	for _, id := range []string{"", ".", "..", "no such charge", "a/b", "é?&#", c.Reference, c.ID + "x"} {
		if _, err := w.Gateway.Get(t.Context(), id); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("Get(%q): %v", id, err)
		}
		if _, err := w.Gateway.Cancel(t.Context(), id); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("Cancel(%q): %v", id, err)
		}
		if _, err := w.Gateway.Refund(t.Context(), payment.NewRefund{Key: "k", ChargeID: id, AmountCents: 1}); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("Refund(%q): %v", id, err)
		}
	}
	for _, reference := range []string{"", "no such reference", "a/b", "é?&#", c.ID} {
		if _, err := w.Gateway.Find(t.Context(), reference, w.Now()); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("Find(%q): %v", reference, err)
		}
	}
}

func cancelOpen(t *testing.T, w World) {
	c := w.Create(t)
	for range 2 {
		if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled || got.ID != c.ID {
			t.Fatalf("Cancel: %+v, %v", got, err)
		}
	}
	w.Advance(w.Closing)
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Cancelled)
}

func cancelPaid(t *testing.T, w World) {
	c := w.Paid(t)
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Paid {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	w.Want(t, c.ID, payment.Paid)
}

func decline(t *testing.T, w World) {
	c := w.Create(t)
	w.Decline(t, c)
	if w.Again {
		w.Want(t, c.ID, payment.Open)
		w.Pay(t, c)
		w.Want(t, c.ID, payment.Paid)
		return
	}
	w.Want(t, c.ID, payment.Declined)
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Declined)
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Declined {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
}

func deadline(t *testing.T, w World) {
	n := w.NewCharge()
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(c.ExpiresAt.Sub(w.Now()) - time.Second)
	w.Want(t, c.ID, payment.Open)
	w.Advance(time.Second)
	w.Want(t, c.ID, payment.Cancelled)
	w.Advance(w.Closing)
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Cancelled)
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	if again, err := w.Gateway.Create(t.Context(), n); err != nil || again.ID != c.ID || again.Status != payment.Cancelled {
		t.Errorf("created again: %+v, %v", again, err)
	}
	n = w.NewCharge()
	n.ExpiresAt = w.Now().Add(-time.Second)
	if late, err := w.Gateway.Create(t.Context(), n); err == nil && late.Status != payment.Cancelled || err != nil && !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a charge that was late from the start: %+v, %v", late, err)
	}
}

func paidThenDeadline(t *testing.T, w World) {
	c := w.Paid(t)
	w.Advance(time.Hour)
	w.Want(t, c.ID, payment.Paid)
}

func review(t *testing.T, w World) {
	c := w.Create(t)
	w.Review(t, c)
	w.Want(t, c.ID, payment.Pending)
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Paid)

	c = w.Create(t)
	w.Review(t, c)
	w.Decline(t, c)
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || got.Status != payment.Declined && got.Status != payment.Open {
		t.Errorf("after the bank's no: %+v, %v", got, err)
	}

	c = w.Create(t)
	w.Review(t, c)
	cancelled, err := w.Gateway.Cancel(t.Context(), c.ID)
	if err != nil || cancelled.Status != payment.Pending && cancelled.Status != payment.Cancelled {
		t.Errorf("Cancel: %+v, %v", cancelled, err)
	}
	w.Want(t, c.ID, cancelled.Status)
	w.Pay(t, c) // the bank's word comes
	if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil || cancelled.Status == payment.Cancelled && got.Status != payment.Cancelled {
		t.Errorf("after the bank's word: %+v, %v", got, err)
	}
}

func lostAnswer(t *testing.T, w World) {
	n := w.NewCharge()
	w.Lose()
	if _, err := w.Gateway.Create(t.Context(), n); errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrNotFound) {
		t.Errorf("Create: %v", err)
	}
	found, err := w.Gateway.Find(t.Context(), n.Reference, w.Now())
	if err != nil || found.Status != payment.Open {
		t.Fatalf("Find: %+v, %v", found, err)
	}
	if again, err := w.Gateway.Create(t.Context(), n); err != nil || again.ID != found.ID {
		t.Errorf("Create again: %+v, %v; want %q", again, err, found.ID)
	}
	w.Pay(t, found)
	w.Want(t, found.ID, payment.Paid)

	ask := payment.NewRefund{Key: uuid.NewString(), ChargeID: found.ID, AmountCents: 5_000}
	w.Lose()
	if _, err := w.Gateway.Refund(t.Context(), ask); errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrNotFound) {
		t.Errorf("Refund: %v", err)
	}
	if done, err := w.Gateway.Refund(t.Context(), ask); err != nil || done.Status != payment.RefundDone {
		t.Errorf("Refund again: %+v, %v", done, err)
	}
	if got, err := w.Gateway.Get(t.Context(), found.ID); err != nil || got.RefundedCents != 5_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}

	other := w.Create(t)
	w.Lose()
	_, _ = w.Gateway.Cancel(t.Context(), other.ID)
	w.Want(t, other.ID, payment.Cancelled)
}
