package world

import (
	"context"
	"testing"
	"time"
)

// Patience is how long anything may take before a test gives up: far longer than it should.
const Patience = time.Minute

// Eventually waits until ok says so.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	if Until(ctx, ok) != nil {
		t.Fatalf("did not come true: %s", what)
	}
}

// Until asks again and again until the answer is yes or time is up.
func Until(ctx context.Context, ok func() bool) error { return Poll(ctx, 5*time.Millisecond, ok) }

// Poll is Until at a pace of its own, for what costs much to ask.
func Poll(ctx context.Context, pace time.Duration, ok func() bool) error {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// Eventually waits until ok says so.
func (w *World) Eventually(what string, ok func() bool) {
	w.T.Helper()
	Eventually(w.T, what, ok)
}
