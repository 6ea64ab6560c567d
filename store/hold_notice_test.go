package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// overdue ends the time to pay of a hold whose only charge was given up.
func (w *world) overdue(o store.Order) store.Charge {
	w.T.Helper()
	c := w.charge(o)
	w.settle(c, store.Verdict{Status: store.ChargeCancelled})
	w.Set(`update orders set reserved_until = now() where id = $1`, o.ID)
	return c
}

// hears saves a notice of a charge.
func (w *world) hears(c store.Charge) {
	w.T.Helper()
	_, _, err := w.DB.SaveNotice(w.Ctx, store.Notice{Gateway: c.Gateway, EventID: uuid.NewString(), ChargeID: uuid.NullUUID{UUID: c.ID, Valid: true}})
	w.Check(err)
}

func TestAHoldIsNotUndoneBehindANotice(t *testing.T) {
	w := newWorld(t, 4)
	o := w.reserve(w.Fan(), 1)
	c := w.overdue(o)
	w.hears(c)
	w.expire(o.ID)
	w.wantStatus(o.ID, store.Reserved)
	if holds, err := w.DB.OverdueHolds(w.Ctx, store.Hold{}, 10); err != nil || len(holds) != 1 || !holds[0].Charged {
		t.Errorf("overdue are %+v, %v", holds, err)
	}
	w.Set(`update notices set received_at = now() - interval '6 minutes'`) // nobody can look into it, it seems
	w.expire(o.ID)
	w.wantStatus(o.ID, store.Expired)
}

func TestANoticeThatWasLookedIntoHoldsNothing(t *testing.T) {
	w := newWorld(t, 4)
	o := w.reserve(w.Fan(), 1)
	w.hears(w.overdue(o))
	w.Set(`update notices set handled_at = now()`)
	w.expire(o.ID)
	w.wantStatus(o.ID, store.Expired)
}
