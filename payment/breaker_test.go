package payment

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is a gateway that answers what the test says.
type scripted struct {
	Gateway
	says  error
	asked int
}

func (*scripted) Name() string { return "scripted" }

func (s *scripted) Get(context.Context, string) (Charge, error) {
	s.asked++
	return Charge{}, s.says
}

func (s *scripted) Create(ctx context.Context, _ NewCharge) (Charge, error) { return s.Get(ctx, "") }

func (s *scripted) Cancel(ctx context.Context, _ string) (Charge, error) { return s.Get(ctx, "") }

func (s *scripted) Find(ctx context.Context, _ string, _ time.Time) (Charge, error) {
	return s.Get(ctx, "")
}

func (s *scripted) Refund(ctx context.Context, _ NewRefund) (Refund, error) {
	_, err := s.Get(ctx, "")
	return Refund{}, err
}

var errSilent = errors.New("nobody answers")

func TestAGatewayThatDoesNotAnswerIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &scripted{says: errSilent}
		b := NewBreaker(g)
		for n := range AwayAfter {
			if b.Away() {
				t.Fatalf("away after %d failures", n)
			}
			if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, errSilent) {
				t.Fatalf("failure %d: %v", n+1, err)
			}
		}
		for name, call := range map[string]func() error{
			"Create": func() error { _, err := b.Create(t.Context(), NewCharge{}); return err },
			"Get":    func() error { _, err := b.Get(t.Context(), "ch_1"); return err },
			"Find":   func() error { _, err := b.Find(t.Context(), "r", time.Time{}); return err },
			"Cancel": func() error { _, err := b.Cancel(t.Context(), "ch_1"); return err },
			"Refund": func() error { _, err := b.Refund(t.Context(), NewRefund{}); return err },
		} {
			if err := call(); !errors.Is(err, ErrAway) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !b.Away() || g.asked != AwayAfter {
			t.Errorf("away %v, asked %d times", b.Away(), g.asked)
		}
		// One call tries it again. A caller who goes away first does not settle anything.
		pass := func() { <-time.After(AwayTime + time.Millisecond) } // of the bubble's clock
		pass()
		g.says = context.Canceled
		if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, context.Canceled) || !b.Away() {
			t.Errorf("a call that was cancelled: %v, away %v", err, b.Away())
		}
		g.says = errSilent
		if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, errSilent) {
			t.Errorf("tried again: %v", err)
		}
		if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, ErrAway) {
			t.Errorf("right after that: %v", err)
		}
		pass()
		g.says = ErrRefused
		if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, ErrRefused) || b.Away() {
			t.Errorf("it answered: %v, away %v", err, b.Away())
		}
	})
}

func TestOnlySilenceInARowMakesAGatewayAway(t *testing.T) {
	for _, between := range []error{nil, ErrNotFound, ErrRefused} {
		g := &scripted{}
		b := NewBreaker(g)
		for n := range 3 * AwayAfter {
			g.says = errSilent
			if n%(AwayAfter-1) == 0 {
				g.says = between
			}
			_, _ = b.Get(t.Context(), "ch_1")
		}
		if b.Away() || g.asked != 3*AwayAfter {
			t.Errorf("%v between: away %v, asked %d times", between, b.Away(), g.asked)
		}
	}
	// Callers who go away hide no silence.
	g := &scripted{}
	b := NewBreaker(g)
	for range AwayAfter {
		for _, g.says = range []error{errSilent, context.Canceled} {
			_, _ = b.Get(t.Context(), "ch_1")
		}
	}
	if !b.Away() {
		t.Error("cancelled calls were taken for answers")
	}
}
