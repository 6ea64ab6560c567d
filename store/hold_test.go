package store_test

import (
	"testing"
	"time"

	"guiche/store"
)

func TestAHoldEndsInGoWhenItEndsInSQL(t *testing.T) {
	w := newWorld(t, 10)
	w.check(w.db.PauseEvent(w.ctx, w.admin, w.event.ID, true))
	parked := w.wish(w.fan(), 1)
	w.decide(parked, store.Queued)
	w.check(w.db.PauseEvent(w.ctx, w.admin, w.event.ID, false))
	out, err := w.leader.DecideParked(w.event.ID, 10, everybody(store.Reserved))
	w.check(err)
	for _, told := range []store.Order{out.Orders[0], w.reserve(w.fan(), 1)} {
		written := w.order(told.ID).ReservedUntil
		if !written.Equal(told.ReservedUntil) || written.Sub(told.DecidedAt) != time.Duration(told.HoldSeconds)*time.Second {
			t.Errorf("decided at %s and held until %s, but told %s", told.DecidedAt, written, told.ReservedUntil)
		}
	}
}
