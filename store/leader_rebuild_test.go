package store_test

import (
	"testing"

	"guiche/store"
)

func TestNumbersThatALostRedisGaveAreExplained(t *testing.T) {
	w := newWorld(t, 100)
	w.reserve(w.Fan(), 1)
	w.wish(w.Fan(), 1) // is lost although somebody behind it has a row
	_, err := w.leader.LeaveLine([]store.QueuedOrder{w.wish(w.Fan(), 1)})
	w.Check(err)
	for range 2 { // the second time nothing was decided since the first
		w.wish(w.Fan(), 1)
		r, err := w.leader.Rebuild(nil)
		w.Check(err)
		if len(r.Lines) != 1 || r.Lines[0].LastNumber <= w.number {
			t.Fatalf("the line goes on at %+v, number %d was given", r.Lines, w.number)
		}
		w.number = r.Lines[0].LastNumber
	}
	w.reserve(w.Fan(), 1)
	w.wantAudited()
	w.number++ // is nobody's, and Redis had not lost it
	w.reserve(w.Fan(), 1)
	_, err = w.leader.Rebuild(nil)
	w.Check(err)
	if found := w.audit(nil); len(found) != 1 || found[0].Rule != "numbers" {
		t.Errorf("a number that was lost otherwise is explained away: %+v", found)
	}
}

func TestANumberThatAForgottenOrderWasGivenAgainIsExplained(t *testing.T) {
	w := newWorld(t, 100)
	decided := w.reserve(w.Fan(), 1)
	again := w.wish(decided.AccountID, 1)
	again.ID = decided.ID
	for range 2 { // a crash repeats it
		out, err := w.leader.Decide([]store.QueuedOrder{again}, nil, everybody(store.Reserved))
		w.Check(err)
		if len(out.Orders) != 1 || out.Orders[0].Number != decided.Number {
			t.Fatalf("told %+v, want number %d", out.Orders, decided.Number)
		}
	}
	w.reserve(w.Fan(), 1)
	w.wantAudited()
}
