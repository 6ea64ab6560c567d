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

func TestDeadlinesCostNothingForTypesThatNobodyHolds(t *testing.T) {
	w := newWorld(t, 10)
	w.Set(`insert into ticket_types (event_id, name, price_cents) select $1, 'T' || n, 100 from generate_series(1, 5000) n`, w.Event.ID)
	o := w.reserve(w.Fan(), 1)
	w.Set(`update orders set reserved_until = now() where id = $1`, o.ID)
	w.Set(`analyze`)
	if holds, err := w.DB.OverdueHolds(w.Ctx, store.Hold{}, 10); err != nil || len(holds) != 1 || holds[0].OrderID != o.ID {
		t.Errorf("overdue are %+v, %v", holds, err)
	}
	if n := w.Count(store.HeldTypes + ` select count(*) from held`); n != 2 { // the type, and the end of the list
		t.Errorf("%d types are looked at", n)
	}
}
