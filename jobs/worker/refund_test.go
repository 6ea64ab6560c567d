package worker

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/store"
)

// bought is a paid order.
func (w *shop) bought(quantity int) store.Order {
	w.T.Helper()
	o := w.Order(w.Fan(), quantity)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	w.Pay(o)
	return w.Becomes(o.ID, store.Paid)
}

func (w *shop) giveBack(o store.Order, ticket int) store.Refund {
	w.T.Helper()
	r, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, []int64{o.Tickets[ticket].ID})
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.Nudges.Return(w.Ctx, r.ID); err != nil {
		w.T.Fatal(err)
	}
	return r
}

// try is the worker's task for a refund.
func (w *shop) try(worker *Worker, id uuid.UUID) {
	w.T.Helper()
	if err := worker.payBack(w.Ctx, asynq.NewTask(jobs.KindPayBack, []byte(id.String()))); err != nil {
		w.T.Log(err) // the sweep tries again
	}
}

func (w *shop) refundStatus(id uuid.UUID) (status store.RefundStatus) {
	w.T.Helper()
	if err := w.Raw.QueryRow(`select status from refunds where id = $1`, id).Scan(&status); err != nil {
		w.T.Fatal(err)
	}
	return status
}

func TestRefundsOfOneChargeWaitForEachOther(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(4)
	gateway := newTill()
	worker := w.hands(gateway)
	first, second, third := w.giveBack(o, 0), w.giveBack(o, 1), w.giveBack(o, 2)
	gateway.pending[first.ID.String()] = 2
	for range 2 { // the gateway is not sure: those behind wait
		for _, r := range []store.Refund{third, second, first} {
			w.try(worker, r.ID)
		}
	}
	if gateway.sum() != 0 || w.refundStatus(first.ID) != store.RefundOwed {
		t.Errorf("%d cents were sent, the first is %s", gateway.sum(), w.refundStatus(first.ID))
	}
	for range 2 { // repeated
		for _, r := range []store.Refund{first, second, third} {
			w.try(worker, r.ID)
		}
	}
	for _, r := range []store.Refund{first, second, third} {
		if status := w.refundStatus(r.ID); status != store.RefundDone {
			t.Errorf("a refund is %s", status)
		}
	}
	if want := []int64{0, 1100, 2200}; !slices.Equal(gateway.before, want) || gateway.sum() != 3300 {
		t.Errorf("sent %d cents, before each of them %v, want %v", gateway.sum(), gateway.before, want)
	}
	w.Eventually("the stock is back", func() bool { return w.known(o.ID).Returned == 3 })
	w.Balanced(9)
}

func TestTheNextRefundGoesWithoutWaitingForTheSweep(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(2)
	first, second := w.giveBack(o, 0), w.giveBack(o, 1)
	worker := w.hands(newTill())
	w.try(worker, first.ID)
	if asked := w.Redis.Keys(w.Ctx, jobs.TaskKey(jobs.QueueRefunds, jobs.KindPayBack+":"+second.ID.String()+":*")).Val(); len(asked) != 1 {
		t.Error("nobody asks for the second refund")
	}
}

func TestARefusedRefundWaitsForAnAdmin(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(1)
	r := w.giveBack(o, 0)
	gateway := newTill()
	gateway.refuse[o.Charge.GatewayID] = true
	worker := w.hands(gateway)
	for range 2 {
		w.try(worker, r.ID)
	}
	if status := w.refundStatus(r.ID); status != store.RefundRefused {
		t.Errorf("the refund is %s", status)
	}
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due are %v, %v", due, err)
	}
	w.Eventually("the stock is back", func() bool { return w.known(o.ID).Status == store.Refunded })
	gateway.refuse[o.Charge.GatewayID] = false
	if _, err := w.DB.RetryRefund(w.Ctx, 0, r.ID); err != nil {
		t.Fatal(err)
	}
	w.try(worker, r.ID)
	if status := w.refundStatus(r.ID); status != store.RefundDone || gateway.sum() != 1100 {
		t.Errorf("the refund is %s, %d cents were sent", status, gateway.sum())
	}
	w.Balanced(10)
}
