package store_test

import (
	"testing"

	"guiche/store"
)

// The generator takes stock back and the worker books what it sent at the same time.
func TestMoneyThatWasSentIsBookedWhileItsOrderIsLocked(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	r := w.refund(o)
	tx, err := w.Raw.Begin()
	w.Check(err)
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	_, err = tx.Exec(`select from orders where id = $1 for update`, o.ID)
	w.Check(err)
	booked := make(chan error, 1)
	go func() { booked <- w.DB.RefundPaid(w.Ctx, r.ID, "re_1") }()
	w.Eventually("the booking waits", func() bool {
		return w.Count(`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`) > 0
	})
	_, err = tx.Exec(`update refunds set released_at = now() where id = $1`, r.ID)
	w.Check(err)
	w.Check(tx.Rollback())
	w.Check(<-booked)
	if debt, err := w.DB.DueRefund(w.Ctx, r.ID); err == nil {
		t.Errorf("%+v is still owed", debt)
	}
	w.giveBack(r.ID)
	w.wantStatus(o.ID, store.Refunded)
}
