package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// lapse ends a hold whose charge may still be paid: the gateway had no word for it.
func (w *world) lapse(o store.Order) store.Charge {
	w.T.Helper()
	c := w.charge(o)
	w.settle(c, store.Verdict{Status: store.ChargeAbandoned})
	w.Set(`update orders set reserved_until = now() where id = $1`, o.ID)
	w.expire(o.ID)
	w.wantStatus(o.ID, store.Expired)
	return c
}

// takeLate lets the generator decide about late money.
func (w *world) takeLate(charges ...uuid.UUID) store.Outcome {
	w.T.Helper()
	out, err := w.leader.TakeLate(charges)
	w.Check(err)
	w.balanced()
	return out
}

func TestLateMoneyGetsItsTicketsIfTheyAreFree(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 2)
	numbers := o.Tickets
	c := w.lapse(o)
	w.buy(w.Fan(), 1)
	for range 2 {
		done, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c))
		if err != nil || done.Charge != store.ChargeLate || done.Order.Status != store.Expired {
			t.Fatalf("late money made %+v, %v", done, err)
		}
	}
	if ids, err := w.DB.LateCharges(w.Ctx, 10); err != nil || len(ids) != 0 {
		t.Errorf("undecided at once: %v, %v", ids, err)
	}
	w.Set(`update charges set settled_at = now() - interval '1 minute' where id = $1`, c.ID)
	if ids, err := w.DB.LateCharges(w.Ctx, 10); err != nil || len(ids) != 1 || ids[0] != c.ID {
		t.Errorf("undecided are %v, %v", ids, err)
	}
	out := w.takeLate(c.ID)
	if len(out.Orders) != 1 || out.Orders[0].Status != store.Paid || len(out.Counts) != 1 {
		t.Errorf("the outcome is %+v", out)
	}
	paid := w.wantStatus(o.ID, store.Paid)
	wantTickets(t, paid, store.TicketValid)
	if paid.Tickets[0].Number != numbers[0].Number || paid.LateAt.IsZero() || paid.PaidAt.IsZero() || !paid.EndedAt.IsZero() {
		t.Errorf("the order is %+v", paid)
	}
	if len(w.takeLate(c.ID).Orders) != 0 {
		t.Error("it was decided twice")
	}
	w.wantFree(7)
}

func TestLateMoneyThatGetsNothingGoesBack(t *testing.T) {
	for name, try := range map[string]struct {
		between func(w *world, o store.Order)
		want    store.OrderStatus
	}{
		"sold meanwhile": {func(w *world, _ store.Order) { w.buy(w.Fan(), 3) }, store.Expired},
		"somebody waits": {func(w *world, _ store.Order) {
			waits := w.wish(w.Fan(), 1)
			w.decide(waits, store.Waiting)
		}, store.Expired},
		"her own limit": {func(w *world, o store.Order) { w.buy(o.AccountID, 3) }, store.Expired},
		"a cancelled event": {func(w *world, _ store.Order) {
			w.Set(`update events set status = 'cancelled', cancelled_at = now()`)
		}, store.Expired},
		"two payments of one order": {func(w *world, o store.Order) {
			w.Set(`insert into charges (order_id, gateway, gateway_id, status, amount_cents, paid_cents, currency, expires_at, settled_at)
				select order_id, gateway, 'second', 'late', amount_cents, amount_cents, currency, expires_at, now() - interval '1 hour'
				from charges where order_id = $1`, o.ID)
			var first uuid.UUID
			if err := w.Raw.QueryRow(`select id from charges where gateway_id = 'second'`).Scan(&first); err != nil {
				w.T.Fatal(err)
			}
			w.takeLate(first)
		}, store.Paid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4)
			o := w.reserve(w.Fan(), 2)
			c := w.lapse(o)
			try.between(w, o)
			if _, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c)); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				w.takeLate(c.ID)
			}
			w.wantStatus(o.ID, try.want)
			w.wantSurplus(o.ID, c)
		})
	}
}

func TestWhoseMoneyCameTooLateKeepsHerPlaceOnTheReturnList(t *testing.T) {
	w := newWorld(t, 2)
	wish := w.wish(w.Fan(), 2)
	wish.Keep = true
	o := w.decide(wish, store.Reserved)
	c := w.lapse(o)
	holder := w.reserve(w.Fan(), 2)
	behind := w.decide(w.wish(w.Fan(), 2), store.Waiting)
	if _, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c)); err != nil {
		t.Fatal(err)
	}
	out := w.takeLate(c.ID)
	if len(out.Orders) != 1 || out.Orders[0].Status != store.Waiting || len(out.Refunds) != 1 {
		t.Errorf("the outcome is %+v", out)
	}
	if len(w.takeLate(c.ID).Orders) != 0 {
		t.Error("it was decided twice")
	}
	w.wantStatus(o.ID, store.Waiting)
	w.wantSurplus(o.ID, c)
	w.leave(holder.ID)
	again := w.wantStatus(o.ID, store.Reserved) // before who came later
	if again.Decision != o.Decision || len(again.Tickets) != 4 || !again.ReservedUntil.After(o.ReservedUntil) {
		t.Errorf("the order is %+v", again)
	}
	w.wantStatus(behind.ID, store.Waiting)
	w.balanced()

	// Late once more, and the tickets are free: she has two, not four.
	c = w.lapse(again)
	w.wantStatus(behind.ID, store.Reserved)
	w.leave(behind.ID)
	if _, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c)); err != nil {
		t.Fatal(err)
	}
	w.takeLate(c.ID)
	paid := w.wantStatus(o.ID, store.Paid)
	valid := 0
	for _, ticket := range paid.Tickets {
		if ticket.Status == store.TicketValid {
			valid++
		}
	}
	if valid != 2 {
		t.Errorf("the tickets are %+v", paid.Tickets)
	}
	w.wantFree(0)
	w.giveBack(w.refund(paid).ID)
	w.wantStatus(o.ID, store.Refunded)
}

func TestWhoseMoneyCameTooLateWaitsForNothingThatIsOver(t *testing.T) {
	for name, between := range map[string]func(w *world, o store.Order){
		"the sale has ended": func(w *world, _ store.Order) {
			w.Set(`update events set sale_ends_at = now()`)
		},
		"the event is cancelled": func(w *world, _ store.Order) {
			w.Set(`update events set status = 'cancelled', cancelled_at = now()`)
		},
		"she waits with another order": func(w *world, o store.Order) { w.decide(w.wish(o.AccountID, 2), store.Waiting) },
		"she has what she may have":    func(w *world, o store.Order) { w.buy(o.AccountID, 3) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4)
			wish := w.wish(w.Fan(), 2)
			wish.Keep = true
			o := w.decide(wish, store.Reserved)
			c := w.lapse(o)
			if name != "she has what she may have" {
				w.buy(w.Fan(), 3)
			}
			between(w, o)
			if _, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c)); err != nil {
				t.Fatal(err)
			}
			w.takeLate(c.ID)
			w.wantStatus(o.ID, store.Expired)
			w.wantSurplus(o.ID, c)
		})
	}
}

func TestLateMoneyWaitsWhileItsEventIsPaused(t *testing.T) {
	w := newWorld(t, 4)
	o := w.reserve(w.Fan(), 2)
	c := w.lapse(o)
	w.Set(`update events set paused = true`)
	if _, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c)); err != nil {
		t.Fatal(err)
	}
	if out := w.takeLate(c.ID); len(out.Orders) != 0 {
		t.Errorf("decided in the pause: %+v", out)
	}
	w.Set(`update events set paused = false`)
	w.takeLate(c.ID)
	w.wantStatus(o.ID, store.Paid)
}

func TestAHoldIsExtendedOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	longer, err := w.DB.ExtendHold(w.Ctx, o.ID, o.AccountID)
	if err != nil || !longer.ReservedUntil.Equal(o.ReservedUntil.Add(5*time.Minute)) || !longer.Extended {
		t.Errorf("extended: %+v, %v", longer, err)
	}
	paid, left, late := w.buy(w.Fan(), 1), w.reserve(w.Fan(), 1), w.reserve(w.Fan(), 1)
	w.leave(left.ID)
	w.Set(`update orders set reserved_until = now() where id = $1`, late.ID)
	for name, try := range map[string]struct {
		order   store.Order
		account int64
		want    error
	}{
		"twice": {o, o.AccountID, store.ErrState}, "paid": {paid, paid.AccountID, store.ErrState},
		"left": {left, left.AccountID, store.ErrState}, "too late": {late, late.AccountID, store.ErrState},
		"somebody else's": {o, paid.AccountID, store.ErrNotFound},
	} {
		if _, err := w.DB.ExtendHold(w.Ctx, try.order.ID, try.account); err == nil {
			t.Errorf("%s: extended", name)
		} else {
			w.wantErr(err, try.want)
		}
	}
	strict := w.reserve(w.Fan(), 1)
	w.Set(`update events set extend_seconds = 0`)
	_, err = w.DB.ExtendHold(w.Ctx, strict.ID, strict.AccountID)
	w.wantErr(err, store.ErrState)
}

func TestADeclinedCardLeavesTimeToTryAgain(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	left := func(d time.Duration) {
		w.Set(`update orders set reserved_until = now() + make_interval(secs => $2) where id = $1`, o.ID, d.Seconds())
	}
	decline := func() store.Order {
		w.settle(w.charge(o), store.Verdict{Status: store.ChargeFailed})
		return w.order(o.ID)
	}
	left(5 * time.Minute)
	if now := decline(); now.RetryExtra != 0 {
		t.Errorf("there was time enough, yet %d seconds were added", now.RetryExtra)
	}
	left(30 * time.Second)
	if now := decline(); now.RetryExtra < 89 || now.RetryExtra > 91 || time.Until(now.ReservedUntil) < 110*time.Second {
		t.Errorf("%d seconds were added, until %s", now.RetryExtra, now.ReservedUntil)
	}
	w.Set(`update events set retry_most = 100`)
	left(30 * time.Second)
	if now := decline(); now.RetryExtra != 100 {
		t.Errorf("%d seconds were added in all, 100 are the most", now.RetryExtra)
	}
	until := w.order(o.ID).ReservedUntil
	if now := decline(); now.RetryExtra != 100 || !now.ReservedUntil.Equal(until) {
		t.Errorf("the bound was passed: %+v", now)
	}
}

func TestAnOutageLengthensHoldsWithinItsBound(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	lapse := func() { w.Set(`update orders set reserved_until = now() - interval '1 second' where id = $1`, o.ID) }
	lengthen := func() (store.Order, bool) {
		now, longer, err := w.DB.LengthenForOutage(w.Ctx, o.ID, "sandbox")
		w.Check(err)
		return now, longer
	}
	lapse()
	if _, longer := lengthen(); longer {
		t.Error("longer without an outage")
	}
	for range 2 {
		w.Check(w.DB.BeginOutage(w.Ctx, "sandbox"))
	}
	w.Check(w.DB.BeginOutage(w.Ctx, "another"))
	if now, longer := lengthen(); !longer || now.OutageExtra < 60 || now.OutageExtra > 62 {
		t.Errorf("longer %v: %+v", longer, now)
	}
	w.Check(w.DB.EndOutage(w.Ctx, "another"))
	w.Check(w.DB.EndOutage(w.Ctx, "sandbox"))
	if open, err := w.DB.OpenOutages(w.Ctx); err != nil || len(open) != 0 {
		t.Errorf("outages go on: %v, %v", open, err)
	}
	if all, err := w.DB.Outages(w.Ctx, 10); err != nil || len(all) != 2 {
		t.Errorf("outages: %v, %v", all, err)
	}
	lapse()
	if now, longer := lengthen(); !longer || time.Until(now.ReservedUntil) < 110*time.Second {
		t.Errorf("after the outage: %v, %+v", longer, now)
	}
	w.Set(`update events set outage_most = $1`, w.order(o.ID).OutageExtra-1)
	lapse()
	if now, longer := lengthen(); longer {
		t.Errorf("past the bound: %+v", now)
	}
	w.Set(`update events set outage_most = 3600; update outages set ended_at = now() - interval '1 hour', began_at = now() - interval '2 hours'`)
	if now, longer := lengthen(); longer {
		t.Errorf("long after the outage: %+v", now)
	}
}

func TestAfterALongOutageThereIsTimeToPay(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	w.charge(o)
	lengthen := func() (store.Order, bool) {
		now, longer, err := w.DB.LengthenForOutage(w.Ctx, o.ID, "sandbox")
		w.Check(err)
		return now, longer
	}
	// It has had all that its event allows, has stood frozen for four minutes since, and the gateway is still away.
	w.Set(`update orders set outage_extra = 900, reserved_until = now() - interval '4 minutes', decided_at = now() - interval '1 hour'`)
	w.Check(w.DB.BeginOutage(w.Ctx, "sandbox"))
	if now, longer := lengthen(); longer {
		t.Errorf("past the bound: %+v", now)
	}
	w.Check(w.DB.EndOutage(w.Ctx, "sandbox"))
	now, longer := lengthen()
	if left := time.Until(now.ReservedUntil); !longer || left < 2*time.Minute || left > 4*time.Minute {
		t.Errorf("longer %v: %s left to pay", longer, left)
	}
	if _, longer := lengthen(); longer {
		t.Error("longer again, though there is time")
	}
	// The gateway flaps: what was added once is not added for ever.
	w.Check(w.DB.BeginOutage(w.Ctx, "sandbox"))
	w.Check(w.DB.EndOutage(w.Ctx, "sandbox"))
	w.Set(`update orders set reserved_until = now() - interval '1 second'`)
	if now, longer := lengthen(); longer {
		t.Errorf("longer a second time: %+v", now)
	}
	other := w.reserve(w.Fan(), 1)
	w.Set(`update events set outage_most = 0; update orders set reserved_until = now() - interval '1 second'`)
	if now, longer, err := w.DB.LengthenForOutage(w.Ctx, other.ID, "sandbox"); longer || err != nil {
		t.Errorf("the event allows nothing: %+v, %v", now, err)
	}
}
