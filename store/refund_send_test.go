package store_test

import (
	"context"
	"testing"
	"time"

	"guiche/store"
)

// The generator takes stock back and the worker books what it sent at the same time.
func TestMoneyThatWasSentIsBookedWhileItsOrderIsLocked(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.fan(), 2)
	r := w.refund(o)
	tx, err := w.raw.Begin()
	w.check(err)
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	_, err = tx.Exec(`select from orders where id = $1 for update`, o.ID)
	w.check(err)
	booked := make(chan error, 1)
	go func() { booked <- w.db.RefundPaid(w.ctx, r.ID, "re_1") }()
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for waits := false; !waits; {
		w.check(w.raw.QueryRowContext(ctx, `select exists (select from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock')`).Scan(&waits))
		<-tick.C
	}
	_, err = tx.Exec(`update refunds set released_at = now() where id = $1`, r.ID)
	w.check(err)
	w.check(tx.Rollback())
	w.check(<-booked)
	if debt, err := w.db.DueRefund(w.ctx, r.ID); err == nil {
		t.Errorf("%+v is still owed", debt)
	}
	w.giveBack(r.ID)
	w.wantStatus(o.ID, store.Refunded)
}
