package store_test

import (
	"testing"
	"time"

	"guiche/store"
)

func TestAHoldEndsInGoWhenItEndsInSQL(t *testing.T) {
	w := newWorld(t, 10)
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, true))
	parked := w.wish(w.Fan(), 1)
	w.decide(parked, store.Queued)
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, false))
	out, err := w.leader.DecideParked(w.Event.ID, 10, everybody(store.Reserved))
	w.Check(err)
	for _, told := range []store.Order{out.Orders[0], w.reserve(w.Fan(), 1)} {
		written := w.order(told.ID).ReservedUntil
		if !written.Equal(told.ReservedUntil) || written.Sub(told.DecidedAt) != time.Duration(told.HoldSeconds)*time.Second {
			t.Errorf("decided at %s and held until %s, but told %s", told.DecidedAt, written, told.ReservedUntil)
		}
	}
}
