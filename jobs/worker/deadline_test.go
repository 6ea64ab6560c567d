package worker

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs"
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
	w := newShop(t, charged+idle)
	w.Generator()
	for _, o := range w.JoinAll(charged, 1) { // the oldest, so that they are read first
		w.Becomes(o.ID, store.Reserved)
		if _, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", ""); err != nil {
			t.Fatal(err)
		}
	}
	w.JoinAll(idle, 1)
	w.Eventually("everybody holds a ticket", func() bool {
		return w.Count(`select count(*) from orders where status = 'reserved'`) == charged+idle
	})
	w.Set(`update orders set reserved_until = now()`)
	worker := w.hands(silent{})
	ctx, cancel := context.WithTimeout(w.Ctx, 2*time.Second)
	defer cancel()
	if err := worker.overdue(ctx, nil); err == nil {
		t.Error("the gateway was not asked")
	}
	for status, want := range map[store.OrderStatus]int{store.Expired: idle, store.Reserved: charged} {
		w.Eventually("holds that nobody pays are undone, the others stand", func() bool {
			orders, err := w.DB.EventOrders(w.Ctx, w.Event.ID, status, store.Span{}, 2*idle)
			return err == nil && len(orders) == want
		})
	}
	w.Balanced(idle)
}

func TestNoticesDoNotPileUpBeforeASilentGateway(t *testing.T) {
	w := newShop(t, 1)
	w.Generator()
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.DB.SaveNotice(w.Ctx, store.Notice{
		Gateway: "sandbox", EventID: "notice", ChargeID: uuid.NullUUID{UUID: c.ID, Valid: true},
	}); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the notice is overdue", func() bool {
		ids, err := w.DB.UnhandledNotices(w.Ctx, 10)
		return err == nil && len(ids) == 1
	})
	worker := w.hands(silent{})
	for range 3 {
		if err := worker.sweep(w.Ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Redis.LLen(w.Ctx, jobs.ListKey(jobs.QueuePayments, "pending")).Val(); n != 1 {
		t.Errorf("%d tasks ask for one charge", n)
	}
}
