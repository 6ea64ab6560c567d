package store_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	base "guiche/journeys/world"
	"guiche/store"
)

func (w *world) cancelEvent() {
	w.T.Helper()
	w.Check(w.DB.CancelEvent(w.Ctx, w.Admin, w.Event.ID, w.Event.Name))
}

// undo goes through a cancelled event as worker and generator do, with a gateway that does as it is told, and returns
// the refunds that it made.
func (w *world) undo(most int) (refunds []store.Refund) {
	w.T.Helper()
	for more := true; more; {
		out, err := w.leader.EndCancelled(w.Event.ID, most)
		w.Check(err)
		w.balanced()
		more = len(out.Orders) == most
	}
	for last := int64(0); ; {
		back, next, err := w.DB.UndoPaid(w.Ctx, w.Event.ID, last, most)
		w.Check(err)
		w.balanced()
		w.wantAudited()
		if next == 0 {
			return refunds
		}
		refunds, last = append(refunds, back...), next
	}
}

func (w *world) progress() store.CancelProgress {
	w.T.Helper()
	p, err := w.DB.CancelProgress(w.Ctx, w.Event.ID)
	w.Check(err)
	return p
}

// settled says whether nothing is left to undo.
func (w *world) settled() bool {
	w.T.Helper()
	w.Check(w.leader.FinishCancelled(w.Event.ID))
	e, err := w.DB.Event(w.Ctx, w.Event.ID)
	w.Check(err)
	ids, err := w.DB.UnfinishedCancels(w.Ctx, 10)
	w.Check(err)
	if slices.Contains(ids, e.ID) == !e.SettledAt.IsZero() {
		w.T.Errorf("settled at %v, unsettled are %v", e.SettledAt, ids)
	}
	return !e.SettledAt.IsZero()
}

func TestOnlyAPublishedEventIsCancelledByItsName(t *testing.T) {
	w := newWorld(t, 10)
	draft, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("draft"))
	w.Check(err)
	w.wantErr(w.DB.CancelEvent(w.Ctx, w.Admin, draft.ID, draft.Name), store.ErrState)
	w.wantErr(w.DB.CancelEvent(w.Ctx, w.Admin, 1<<40, "Show"), store.ErrNotFound)
	w.wantErr(w.DB.CancelEvent(w.Ctx, w.Admin, w.Event.ID, "show"), store.ErrName)
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, true))
	w.cancelEvent()
	e, err := w.DB.Event(w.Ctx, w.Event.ID)
	w.Check(err)
	if e.Status != store.EventCancelled || e.CancelledAt.IsZero() || e.Paused {
		t.Errorf("the event is %+v", e)
	}
	w.wantErr(w.DB.CancelEvent(w.Ctx, w.Admin, w.Event.ID, "Show"), store.ErrState)
	w.wantErr(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, false), store.ErrState)
	w.wantErr(w.DB.PublishEvent(w.Ctx, w.Admin, w.Event.ID), store.ErrState)
	if n := w.Count(`select count(*) from admin_log where action = 'event.cancel'`); n != 1 {
		t.Errorf("%d lines in the admin log", n)
	}
	if !w.settled() {
		t.Error("an event without orders has nothing to undo")
	}
}

func TestACancelledEventIsUndone(t *testing.T) {
	w := newWorld(t, 20)
	paid, used := w.buy(w.Fan(), 2), w.buy(w.Fan(), 3)
	w.Set(`update tickets set status = 'used' where id = $1`, used.Tickets[0].ID)
	partly := w.buy(w.Fan(), 2)
	before := w.refund(partly, partly.Tickets[0].ID)
	w.Check(w.DB.RefundPaid(w.Ctx, before.ID, "re_0"))
	given := w.buy(w.Fan(), 1)
	goodwill := w.refundByAdmin(given, store.AdminRefund{Cents: new(int64(400)), Note: "rain"})
	w.giveBack(before.ID, goodwill.ID)
	kept := w.wish(w.Fan(), 1)
	kept.RefundFee, kept.RefundDays = false, 0
	keeper := w.decide(kept, store.Reserved)
	w.settle(w.charge(keeper), captured(w.charge(keeper)))
	gratis := w.wish(w.Fan(), 1)
	gratis.PriceCents, gratis.FeeCents = 0, 0
	free := w.decide(gratis, store.Paid)
	held, paying := w.reserve(w.Fan(), 2), w.reserve(w.Fan(), 1)
	open := w.charge(paying)
	waiting := w.decide(w.wish(w.Fan(), 3), store.Waiting)
	w.Set(`update stock set capacity = taken where ticket_type_id = $1`, w.kind.ID)
	parkedWish := w.wish(w.Fan(), 1)
	parked := w.decide(parkedWish, store.Queued)
	soldOut := w.wish(w.Fan(), 1)
	if _, err := w.leader.EndCancelled(w.Event.ID, 10); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(held.ID, store.Reserved) // the event is not cancelled

	forecast, err := w.DB.CancelForecast(w.Ctx, w.Event.ID)
	w.Check(err)
	// 22,000 + 33,000 + 11,000 + 10,600 + 11,000, and nothing for the free one.
	if want := (store.CancelForecast{Open: 4, Paid: 6, Tickets: 9, Cents: 87_600}); forecast != want {
		t.Errorf("forecast %+v, want %+v", forecast, want)
	}
	w.cancelEvent()
	if _, err := w.DB.StartCharge(w.Ctx, held.ID, held.AccountID, "sandbox", ""); err == nil {
		t.Error("a charge was started for a cancelled event")
	}
	_, err = w.DB.AskRefund(w.Ctx, paid.ID, paid.AccountID, nil)
	w.wantErr(err, store.ErrState) // everything comes back by itself
	if o := w.decide(soldOut, store.Reserved); o.Status != store.OrderCancelled || o.EndedAt.IsZero() {
		t.Errorf("the next in line is %s", o.Status)
	}
	if ids, err := w.DB.ChargedHolds(w.Ctx, w.Event.ID, 10); err != nil || len(ids) != 1 || ids[0] != paying.ID {
		t.Errorf("charged are %v, %v", ids, err)
	}
	refunds := w.undo(2)
	for id, want := range map[uuid.UUID]store.OrderStatus{
		held.ID: store.OrderCancelled, waiting.ID: store.OrderCancelled, parked.ID: store.OrderCancelled,
		paying.ID: store.Reserved, paid.ID: store.Paid,
	} {
		w.wantStatus(id, want)
	}
	owed := map[uuid.UUID]store.Refund{}
	for _, r := range refunds {
		owed[r.OrderID] = r
	}
	for id, want := range map[uuid.UUID]store.Refund{
		paid.ID:   {Quantity: 2, AmountCents: 22_000, FeeCents: 2000, Status: store.RefundOwed},
		used.ID:   {Quantity: 3, AmountCents: 33_000, FeeCents: 3000, Status: store.RefundOwed},
		partly.ID: {Quantity: 1, AmountCents: 11_000, FeeCents: 1000, Status: store.RefundOwed},
		given.ID:  {Quantity: 1, AmountCents: 10_600, FeeCents: 1000, Status: store.RefundOwed},
		keeper.ID: {Quantity: 1, AmountCents: 11_000, FeeCents: 1000, Status: store.RefundOwed},
		free.ID:   {Quantity: 1, Status: store.RefundDone},
	} {
		r := owed[id]
		if r.Reason != "cancelled" || r.Quantity != want.Quantity || r.AmountCents != want.AmountCents || r.FeeCents != want.FeeCents || r.Status != want.Status {
			t.Errorf("refund %+v, want %+v", r, want)
		}
		wantTickets(t, w.order(id), store.TicketVoid)
	}
	if again := w.undo(100); len(again) != 0 {
		t.Errorf("owed twice: %+v", again)
	}
	// 6 paid, 4 open, the one in line and the one that pays.
	if p, want := w.progress(), (store.CancelProgress{Orders: 11, Undone: 4, OwedCents: 88_000}); p != want {
		t.Errorf("progress %+v, want %+v", p, want)
	}
	// Stock comes back and is given to nobody.
	w.Set(`update events set sale_ends_at = now() + interval '1 day'`)
	for _, r := range refunds {
		w.giveBack(r.ID)
	}
	for id := range owed {
		w.wantStatus(id, store.Refunded)
	}
	if w.settled() {
		t.Error("settled while an order is open and money is owed")
	}
	// The open charge turns out to be paid: its order is paid, and goes the way of the others.
	w.settle(open, captured(open))
	w.wantStatus(paying.ID, store.Paid)
	for _, r := range w.undo(100) {
		if r.OrderID != paying.ID || r.AmountCents != 11_000 {
			t.Errorf("the money that came is owed back as %+v", r)
		}
		w.giveBack(r.ID)
		refunds = append(refunds, r)
	}
	for _, r := range append(refunds, goodwill) {
		if w.settled() {
			t.Error("settled while money is owed")
		}
		w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re"))
	}
	if p, want := w.progress(), (store.CancelProgress{Orders: 11, Undone: 11, OwedCents: 98_600, SentCents: 98_600}); p != want || !p.Done() {
		t.Errorf("progress %+v, want %+v", p, want)
	}
	if !w.settled() {
		t.Error("everything is undone, yet it is not settled")
	}
	w.wantFree(w.Count(`select capacity from stock where ticket_type_id = $1`, w.kind.ID))
	w.wantAudited()
}

func TestMoneyThatComesAfterItsCancelledOrderGoesBack(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	c := w.charge(o)
	w.cancelEvent()
	w.settle(c, store.Verdict{Status: store.ChargeCancelled})
	w.undo(10)
	w.wantStatus(o.ID, store.OrderCancelled)
	if !w.settled() {
		t.Error("nothing is left, yet it is not settled")
	}
	w.settle(c, captured(c))
	w.wantSurplus(o.ID, c)
	w.wantAudited()
}

func TestRoundsOfUndoingStepAroundEachOther(t *testing.T) {
	w := newWorld(t, 40)
	for range 9 {
		w.buy(w.Fan(), 1)
	}
	w.cancelEvent()
	made := make(chan int)
	for range 4 {
		go func() {
			n := 0
			for last := int64(0); ; {
				refunds, next, err := w.DB.UndoPaid(w.Ctx, w.Event.ID, last, 2)
				if err != nil {
					t.Error(err)
				}
				if err != nil || next == 0 {
					made <- n
					return
				}
				n, last = n+len(refunds), next
			}
		}()
	}
	sum := 0
	for range 4 {
		sum += <-made
	}
	sum += len(w.undo(10)) // what all of them passed over
	if owed := w.Count(`select sum(amount_cents) from refunds`); sum != 9 || owed != 99_000 {
		t.Errorf("%d refunds of %d cents", sum, owed)
	}
	w.refused("refunds_one_per_cancel", `insert into refunds (order_id, reason, quantity, amount_cents) select order_id, reason, 0, 0 from refunds`)
}

func TestEverythingThatWasPaidForACancelledEventComesBack(t *testing.T) {
	w := newWorld(t, 20)
	buy := func(quantity int) store.Order {
		wish := w.wish(w.Fan(), quantity)
		wish.RefundFee, wish.RefundDays = false, 30
		o := w.decide(wish, store.Reserved)
		w.settle(w.charge(o), captured(w.charge(o)))
		return w.order(o.ID)
	}
	half, whole, mine := buy(2), buy(1), buy(1)
	w.Set(`update orders set paid_at = now() - interval '9 days'`)
	for _, r := range []store.Refund{
		w.refund(half, half.Tickets[0].ID), w.refund(whole),
		w.refundByAdmin(mine, store.AdminRefund{TicketIDs: []int64{mine.Tickets[0].ID}, Cents: new(int64(300)), Note: "a part"}),
	} {
		w.giveBack(r.ID)
		w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re"))
	}
	if f, err := w.DB.CancelForecast(w.Ctx, w.Event.ID); err != nil || f.Cents != 12_000+1000+10_700 || f.Paid != 1 || f.Tickets != 1 {
		t.Errorf("the forecast is %+v, %v", f, err)
	}
	w.cancelEvent()
	if w.settled() {
		t.Error("settled while fees are kept")
	}
	for _, r := range w.undo(10) {
		w.giveBack(r.ID)
		w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re"))
	}
	for _, o := range []store.Order{half, whole, mine} {
		if left := store.RefundLeftCents(w.order(o.ID)); left != 0 {
			t.Errorf("%d cents of an order are kept", left)
		}
		w.wantStatus(o.ID, store.Refunded)
	}
	if n := w.Count(`select count(*) from letters where kind = 'cancelled'`); n != 3 {
		t.Errorf("%d letters tell of it", n)
	}
	if len(w.undo(10)) != 0 || !w.settled() {
		t.Error("it has no end")
	}
	w.wantFree(20)
	w.wantAudited()
}

func TestACancelledEventWithARefundThatWasSettledOutsideHasAnEnd(t *testing.T) {
	w := newWorld(t, 10)
	w.buy(w.Fan(), 1)
	w.cancelEvent()
	r := w.undo(10)[0]
	w.giveBack(r.ID)
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, r.ID))
	if w.settled() {
		t.Error("settled while a refund is refused")
	}
	_, err := w.DB.SettleRefund(w.Ctx, w.Admin, r.ID, "by bank transfer")
	w.Check(err)
	if p := w.progress(); !w.settled() || !p.Done() || p.RefusedCents != 0 {
		t.Errorf("the progress is %+v", p)
	}
	w.wantAudited()
}
