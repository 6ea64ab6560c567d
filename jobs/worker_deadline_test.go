package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

// silent is a payment API that never answers.
type silent struct{ payment.Gateway }

func (silent) Name() string { return "sandbox" }

func (silent) Find(ctx context.Context, _ string, _ time.Time) (payment.Charge, error) {
	<-ctx.Done()
	return payment.Charge{}, ctx.Err()
}

func TestHoldsThatNobodyPaysDoNotWaitForASilentGateway(t *testing.T) {
	const charged, idle = gatewayCalls + 1, overdueBatch + 20
	w := newWorld(t, charged+idle)
	w.event.HoldSeconds = 2
	w.generator()
	for _, o := range w.joinAll(charged, 1) { // the oldest, so that they are read first
		w.becomes(o.ID, store.Reserved)
		if _, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, "sandbox", ""); err != nil {
			t.Fatal(err)
		}
	}
	w.joinAll(idle, 1)
	w.eventually("every deadline has passed", func() bool {
		holds, err := w.db.OverdueHolds(w.ctx, store.Deadline{}, 2*idle)
		return err == nil && len(holds) == charged+idle
	})
	worker := w.hands(silent{})
	ctx, cancel := context.WithTimeout(w.ctx, 2*time.Second)
	defer cancel()
	if err := worker.overdue(ctx, nil); err == nil {
		t.Error("the gateway was not asked")
	}
	for status, want := range map[store.OrderStatus]int{store.Expired: idle, store.Reserved: charged} {
		w.eventually("holds that nobody pays are undone, the others stand", func() bool {
			orders, err := w.db.EventOrders(w.ctx, w.event.ID, status, 0, 2*idle)
			return err == nil && len(orders) == want
		})
	}
	w.balanced(idle)
}

func TestNoticesDoNotPileUpBeforeASilentGateway(t *testing.T) {
	w := newWorld(t, 1)
	w.generator()
	o := w.order(w.fan(), 1)
	w.join(o)
	w.becomes(o.ID, store.Reserved)
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.db.SaveNotice(w.ctx, store.Notice{
		Gateway: "sandbox", EventID: "notice", ChargeID: uuid.NullUUID{UUID: c.ID, Valid: true},
	}); err != nil {
		t.Fatal(err)
	}
	w.eventually("the notice is overdue", func() bool {
		ids, err := w.db.UnhandledNotices(w.ctx, 10)
		return err == nil && len(ids) == 1
	})
	worker := w.hands(silent{})
	for range 3 {
		if err := worker.sweep(w.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.rdb.LLen(w.ctx, listKey(queuePayments, "pending")).Val(); n != 1 {
		t.Errorf("%d tasks ask for one charge", n)
	}
}
