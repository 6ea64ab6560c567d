package payment

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
)

func TestAReasonGoesWithItsError(t *testing.T) {
	err := fmt.Errorf("charge 1: %w", Refuse(ReasonMethod, "no key for %s", "Pix"))
	if !errors.Is(err, ErrRefused) || ReasonOf(err) != ReasonMethod {
		t.Errorf("%v, reason %q", err, ReasonOf(err))
	}
	if empty := Because(ReasonBalance, errSilent); errors.Is(empty, ErrRefused) || !errors.Is(empty, errSilent) || ReasonOf(empty) != ReasonBalance {
		t.Errorf("%v, reason %q", empty, ReasonOf(empty))
	}
	if ReasonOf(nil) != ReasonUnknown || ReasonOf(ErrRefused) != ReasonUnknown {
		t.Error("there was no reason")
	}
}

func TestAPaceIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, says := range []error{ErrBusy, Because(ReasonBalance, errSilent)} {
			b := NewBreaker(&scripted{says: says})
			for range 2 * AwayAfter {
				if _, err := b.Get(t.Context(), "ch_1"); !errors.Is(err, says) {
					t.Fatal(err)
				}
			}
			if b.Away() {
				t.Errorf("%v counts as away", says)
			}
		}
	})
}
