package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func (w *world) refund(o store.Order, tickets ...int64) store.Refund {
	w.t.Helper()
	r, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, tickets)
	w.check(err)
	w.balanced()
	return r
}

func (w *world) giveBack(ids ...uuid.UUID) store.Outcome {
	w.t.Helper()
	out, err := w.leader.Return(ids)
	w.check(err)
	w.balanced()
	return out
}

func TestATicketIsGivenBackOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.fan(), 3)
	first := w.refund(o, o.Tickets[1].ID)
	if first.AmountCents != 11_000 || first.Quantity != 1 || first.Status != store.RefundOwed || first.Reason != "fan" {
		t.Errorf("the refund is %+v", first)
	}
	now := w.wantStatus(o.ID, store.Paid)
	if s := now.Tickets[1].Status; s != store.TicketVoid {
		t.Errorf("the ticket that was given back is %s", s)
	}
	w.wantFree(7) // the stock comes back through the generator
	for _, tickets := range [][]int64{{o.Tickets[1].ID}, {o.Tickets[0].ID, o.Tickets[1].ID}} {
		_, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, tickets)
		w.wantErr(err, store.ErrState)
	}
	w.giveBack(first.ID)
	w.wantFree(8)
	if out := w.giveBack(first.ID); len(out.Orders) != 0 {
		t.Errorf("the stock came back twice: %+v", out)
	}
	w.wantFree(8)
	rest := w.refund(o)
	if rest.Quantity != 2 || rest.AmountCents != 22_000 {
		t.Errorf("the rest is %+v", rest)
	}
	w.giveBack(rest.ID, first.ID)
	wantTickets(t, w.wantStatus(o.ID, store.Refunded), store.TicketVoid)
	w.wantFree(10)
	_, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, nil)
	w.wantErr(err, store.ErrState)
}

func TestTenClicksGiveBackOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.fan(), 4)
	var asked atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, nil); err == nil {
				asked.Add(1)
			} else {
				w.wantErr(err, store.ErrState)
			}
		})
	}
	all.Wait()
	if asked.Load() != 1 {
		t.Errorf("given back %d times", asked.Load())
	}
	if owed := w.count(`select sum(amount_cents) from refunds`); owed != 44_000 {
		t.Errorf("%d cents are owed", owed)
	}
	w.balanced()
}

func TestRefundsKeepThePolicyOfTheOrder(t *testing.T) {
	for name, try := range map[string]struct {
		change string
		want   error
	}{
		"in time":             {`update orders set paid_at = now() - interval '6 days 23 hours'`, nil},
		"too late":            {`update orders set paid_at = now() - interval '7 days 1 hour'`, store.ErrState},
		"far enough":          {`update events set starts_at = now() + interval '48 hours 1 minute'`, nil},
		"too near":            {`update events set starts_at = now() + interval '47 hours 59 minutes'`, store.ErrState},
		"another policy now":  {`update events set refund_days = 0, refund_hours = 87600`, nil},
		"a used ticket":       {`update tickets set status = 'used'`, store.ErrState},
		"a cancelled payment": {`update orders set status = 'cancelled'`, store.ErrState},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			o := w.buy(w.fan(), 1)
			w.set(try.change)
			_, err := w.db.AskRefund(w.ctx, o.ID, o.AccountID, nil)
			w.wantErr(err, try.want)
			if n := w.count(`select count(*) from refunds`); (n == 1) != (try.want == nil) {
				t.Errorf("%d refunds", n)
			}
		})
	}
}

func TestOnlyOneselfGivesBack(t *testing.T) {
	w := newWorld(t, 10)
	o, other := w.buy(w.fan(), 1), w.buy(w.fan(), 1)
	_, err := w.db.AskRefund(w.ctx, o.ID, other.AccountID, nil)
	w.wantErr(err, store.ErrNotFound)
	_, err = w.db.AskRefund(w.ctx, uuid.New(), o.AccountID, nil)
	w.wantErr(err, store.ErrNotFound)
	_, err = w.db.AskRefund(w.ctx, o.ID, o.AccountID, []int64{other.Tickets[0].ID})
	w.wantErr(err, store.ErrState)
	held := w.reserve(w.fan(), 1)
	_, err = w.db.AskRefund(w.ctx, held.ID, held.AccountID, nil)
	w.wantErr(err, store.ErrState)
	wantTickets(t, w.order(other.ID), store.TicketValid)
}

func TestTheFeeStaysWhereThePolicySaysSo(t *testing.T) {
	w := newWorld(t, 10)
	wish := w.wish(w.fan(), 2)
	wish.RefundFee = false
	o := w.decide(wish, store.Reserved)
	c := w.charge(o)
	w.settle(c, captured(c))
	if r := w.refund(o); r.AmountCents != 20_000 {
		t.Errorf("%d cents come back, want the price without the fee", r.AmountCents)
	}
}

func TestADebtIsPaidOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.fan(), 1)
	r := w.refund(o)
	d, err := w.db.Debt(w.ctx, r.ID)
	w.check(err)
	if d.OrderID != o.ID || d.AmountCents != 11_000 || d.Gateway != "sandbox" || d.GatewayID != o.Charge.GatewayID {
		t.Errorf("the debt is %+v", d)
	}
	if due, err := w.db.DueDebts(w.ctx, 10); err != nil || len(due) != 1 {
		t.Errorf("due are %v, %v", due, err)
	}
	w.check(w.db.DebtFailed(w.ctx, r.ID))
	if due, err := w.db.DueDebts(w.ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due at once after a failure: %v, %v", due, err)
	}
	w.check(w.db.DebtPaid(w.ctx, r.ID, "re_1"))
	w.check(w.db.DebtPaid(w.ctx, r.ID, "re_2"))
	w.check(w.db.DebtFailed(w.ctx, r.ID))
	if n := w.count(`select count(*) from refunds where status = 'done' and gateway_id = 're_1' and attempts = 2`); n != 1 {
		t.Error("paid by its first confirmation only")
	}
	_, err = w.db.Debt(w.ctx, r.ID)
	w.wantErr(err, store.ErrNotFound)
	w.refused("refunds_owed_has_charge", `update refunds set charge_id = null`)
}

func TestRefundsWithoutTheirStockAreFoundAgain(t *testing.T) {
	w := newWorld(t, 10)
	r := w.refund(w.buy(w.fan(), 1))
	if ids, err := w.db.UnreleasedRefunds(w.ctx, 10); err != nil || len(ids) != 0 {
		t.Errorf("at once: %v, %v", ids, err)
	}
	w.set(`update refunds set asked_at = now() - interval '3 seconds'`)
	if ids, err := w.db.UnreleasedRefunds(w.ctx, 10); err != nil || len(ids) != 1 || ids[0] != r.ID {
		t.Errorf("unreleased are %v, %v", ids, err)
	}
	w.giveBack(r.ID)
	if ids, err := w.db.UnreleasedRefunds(w.ctx, 10); err != nil || len(ids) != 0 {
		t.Errorf("released, yet found: %v, %v", ids, err)
	}
}

func TestRefundUntil(t *testing.T) {
	paid := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	o := store.Order{PaidAt: paid}
	o.RefundPolicy = store.RefundPolicy{RefundDays: 7, RefundHours: 48}
	for _, try := range []struct{ show, want time.Time }{
		{paid.AddDate(0, 1, 0), paid.AddDate(0, 0, 7)},
		{paid.AddDate(0, 0, 9), paid.AddDate(0, 0, 7)},
		{paid.AddDate(0, 0, 5), paid.AddDate(0, 0, 3)},
		{paid.AddDate(0, 0, 1), paid.AddDate(0, 0, -1)},
	} {
		if got := store.RefundUntil(o, store.Event{StartsAt: try.show}); !got.Equal(try.want) {
			t.Errorf("show at %v: until %v, want %v", try.show, got, try.want)
		}
	}
}
