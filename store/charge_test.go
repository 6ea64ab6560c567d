package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func TestStartChargeFindsTheOpenOne(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 2)
	var mu sync.Mutex
	ids := map[uuid.UUID]bool{}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[c.ID] = true
			if c.AmountCents != 22_000 || c.Currency != "BRL" || !c.ExpiresAt.Equal(o.ReservedUntil) {
				t.Errorf("the charge asks for %+v", c)
			}
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Errorf("ten clicks made %d charges", len(ids))
	}
	w.refused("charges_one_open", `insert into charges (order_id, gateway, amount_cents, currency, expires_at)
		select order_id, 'other', amount_cents, currency, expires_at from charges`)
}

func TestStartChargeIsGuarded(t *testing.T) {
	w := newWorld(t, 20)
	reserved, paid, soldOut := w.reserve(w.Fan(), 1), w.buy(w.Fan(), 1), w.decide(w.wish(w.Fan(), 1), store.SoldOut)
	late := w.reserve(w.Fan(), 1)
	w.Set(`update orders set reserved_until = now() where id = $1`, late.ID)
	for name, try := range map[string]struct {
		id      uuid.UUID
		account int64
		want    error
	}{
		"somebody else's": {reserved.ID, paid.AccountID, store.ErrNotFound},
		"unknown":         {uuid.New(), reserved.AccountID, store.ErrNotFound},
		"paid":            {paid.ID, paid.AccountID, store.ErrState},
		"sold out":        {soldOut.ID, soldOut.AccountID, store.ErrState},
		"too late":        {late.ID, late.AccountID, store.ErrState},
	} {
		if _, err := w.DB.StartCharge(w.Ctx, try.id, try.account, "sandbox", ""); err == nil {
			t.Errorf("%s: a charge was made", name)
		} else {
			w.wantErr(err, try.want)
		}
	}
	if n := w.Count(`select count(*) from charges where order_id <> $1`, paid.ID); n != 0 {
		t.Errorf("%d charges were written", n)
	}
}

func TestOpenChargeIsGuarded(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	c := w.charge(o)
	w.Check(w.DB.RecordCharge(w.Ctx, c.ID, c.GatewayID, c.PayURL, c.PixCode)) // an answer that came twice
	w.wantErr(w.DB.RecordCharge(w.Ctx, c.ID, "another", "", ""), store.ErrState)
	w.settle(c, store.Verdict{Status: store.ChargeCancelled})
	w.wantErr(w.DB.RecordCharge(w.Ctx, c.ID, c.GatewayID, c.PayURL, c.PixCode), store.ErrState)
}

func TestMoneyMakesTicketsOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 2)
	wantTickets(t, o, store.TicketReserved)
	c := w.charge(o)
	var mu sync.Mutex
	told := 0
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			done, err := w.DB.SettleCharge(w.Ctx, c.ID, captured(c))
			if err != nil || done.Order.Status != store.Paid {
				t.Errorf("the order is %s, %v", done.Order.Status, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if done.News {
				told++
			}
		})
	}
	all.Wait()
	if told != 1 {
		t.Errorf("five notices were news %d times", told)
	}
	paid := w.wantStatus(o.ID, store.Paid)
	wantTickets(t, paid, store.TicketValid)
	if paid.PaidAt.IsZero() || len(paid.Refunds) != 0 {
		t.Errorf("the paid order is %+v", paid)
	}
	// What a gateway says afterwards changes nothing.
	for _, v := range []store.Verdict{{Status: store.ChargeFailed}, {Status: store.ChargeCancelled}, {Status: store.ChargeAbandoned}} {
		if _, news := w.settle(c, v); news {
			t.Errorf("%s after the money was news", v.Status)
		}
	}
	w.wantStatus(o.ID, store.Paid)
	w.wantFree(8)
}

func TestDeclinedThenPaid(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	first := w.charge(o)
	if _, news := w.settle(first, store.Verdict{Status: store.ChargeFailed}); !news {
		t.Error("a decline was no news")
	}
	if _, news := w.settle(first, store.Verdict{Status: store.ChargeFailed}); news {
		t.Error("a decline was news twice")
	}
	w.wantStatus(o.ID, store.Reserved)
	second := w.charge(o)
	if second.ID == first.ID {
		t.Fatal("the declined charge was found again")
	}
	w.settle(second, captured(second))
	w.wantStatus(o.ID, store.Paid)
	// The declined one is paid after all: that money goes back.
	w.settle(first, captured(first))
	w.wantSurplus(o.ID, first)
	w.refused("charges_one_captured", `update charges set status = 'captured' where id = $1`, first.ID)
}

func TestMoneyThatGivesNoTicketGoesBack(t *testing.T) {
	for name, try := range map[string]struct {
		before func(w *world, o store.Order, c store.Charge)
		paid   func(c store.Charge) store.Verdict
		want   store.OrderStatus
		free   int
	}{
		"after giving up without the gateway's word": {func(w *world, o store.Order, c store.Charge) {
			w.settle(c, store.Verdict{Status: store.ChargeAbandoned})
			w.leave(o.ID)
		}, captured, store.Left, 10},
		"too little": {nothing, func(c store.Charge) store.Verdict {
			v := captured(c)
			v.AmountCents--
			return v
		}, store.Reserved, 9},
		"too much": {nothing, func(c store.Charge) store.Verdict {
			v := captured(c)
			v.AmountCents++
			return v
		}, store.Reserved, 9},
		"another currency": {nothing, func(c store.Charge) store.Verdict {
			v := captured(c)
			v.Currency = "USD"
			return v
		}, store.Reserved, 9},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			o := w.reserve(w.Fan(), 1)
			c := w.charge(o)
			try.before(w, o, c)
			verdict := try.paid(c)
			for range 3 {
				w.settle(c, verdict)
			}
			w.wantStatus(o.ID, try.want)
			c.AmountCents = verdict.AmountCents // what was paid is what goes back
			w.wantSurplus(o.ID, c)
			w.wantFree(try.free)
		})
	}
}

func nothing(*world, store.Order, store.Charge) {}

func TestMoneyAfterTheDeadlineWhileTheHoldStands(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	c := w.charge(o)
	w.Set(`update orders set reserved_until = now() - interval '1 minute' where id = $1`, o.ID)
	w.settle(c, captured(c))
	w.wantStatus(o.ID, store.Paid)
	w.expire(o.ID)
	w.wantStatus(o.ID, store.Paid)
}

// wantSurplus fails the test unless a charge is owed back in full, once.
func (w *world) wantSurplus(orderID uuid.UUID, c store.Charge) {
	w.T.Helper()
	now, err := w.DB.Charge(w.Ctx, c.ID)
	w.Check(err)
	if now.Status != store.ChargeSurplus {
		w.T.Errorf("the charge is %s", now.Status)
	}
	refunds := w.order(orderID).Refunds
	if len(refunds) != 1 {
		w.T.Fatalf("%d refunds, want one", len(refunds))
	}
	r := refunds[0]
	if r.Reason != "surplus" || r.AmountCents != c.AmountCents || r.ChargeID.UUID != c.ID || r.Status != store.RefundOwed || r.Quantity != 0 {
		w.T.Errorf("the refund is %+v", r)
	}
	due, err := w.DB.DueRefunds(w.Ctx, 10)
	w.Check(err)
	if len(due) != 1 || due[0] != r.ID {
		w.T.Errorf("due are %v", due)
	}
	w.refused("refunds_one_per_surplus", `insert into refunds (order_id, charge_id, reason, quantity, amount_cents)
		select order_id, charge_id, reason, quantity, amount_cents from refunds`)
}

func TestUnsettledChargesAreFoundAgain(t *testing.T) {
	w := newWorld(t, 10)
	c := w.charge(w.reserve(w.Fan(), 1))
	stale := func(want int) {
		t.Helper()
		if ids, err := w.DB.StaleCharges(w.Ctx, 10); err != nil || len(ids) != want || want == 1 && ids[0] != c.ID {
			t.Errorf("stale are %v, %v; want %d", ids, err, want)
		}
	}
	due := func() { w.Set(`update charges set next_look_at = now()`) }
	stale(0) // a fresh one
	for _, status := range []store.ChargeStatus{store.ChargeOpen, store.ChargeAbandoned} {
		w.Set(`update charges set status = $1`, status)
		due()
		stale(1)
		stale(0) // it was looked at a moment ago
	}
	for range 20 { // nobody answers, and nobody looks less often for that
		due()
		stale(1)
		if n := w.Count(`select count(*) from charges where next_look_at < now() + interval '61 seconds'`); n != 1 {
			t.Fatal("a look that failed counts as one")
		}
	}
	for range 20 {
		due()
		stale(1)
		w.Check(w.DB.ChargeLooked(w.Ctx, c.ID))
	}
	if n := w.Count(`select count(*) from charges where next_look_at between now() + interval '9 minutes' and now() + interval '11 minutes'`); n != 1 {
		t.Error("a charge that nothing becomes of is asked for too often, or never again")
	}
	w.settle(c, captured(c))
	due()
	stale(0)
}

func TestLateMoneyIsLookedForForDays(t *testing.T) {
	w := newWorld(t, 10)
	for _, status := range []store.ChargeStatus{store.ChargeCancelled, store.ChargeFailed} {
		c := w.charge(w.reserve(w.Fan(), 1))
		w.settle(c, store.Verdict{Status: status})
		var pauses []time.Duration
		for days := 0.0; ; {
			w.Set(`update charges set next_look_at = now(), settled_at = now() - make_interval(secs => $2) where id = $1`, c.ID, days*86400)
			ids, err := w.DB.StaleCharges(w.Ctx, 10)
			w.Check(err)
			if len(ids) == 0 {
				if days < 10 || days > 11 {
					t.Errorf("%s: nobody looks any more after %v days", status, days)
				}
				break
			}
			w.Check(w.DB.ChargeLooked(w.Ctx, c.ID))
			var seconds float64
			w.Check(w.Raw.QueryRow(`select extract(epoch from next_look_at - now()) from charges where id = $1`, c.ID).Scan(&seconds))
			pauses = append(pauses, time.Duration(seconds*float64(time.Second)).Round(10*time.Second))
			days += seconds / 86400
		}
		if pauses[0] != time.Minute || !slices.IsSorted(pauses) || pauses[len(pauses)-1] != 12*time.Hour || len(pauses) > 40 {
			t.Errorf("%s: the pauses are %v", status, pauses)
		}
	}
}

// notice is one that names a charge by our id.
func notice(eventID string, chargeID uuid.UUID) store.Notice {
	return store.Notice{Gateway: "sandbox", EventID: eventID, ChargeID: uuid.NullUUID{UUID: chargeID, Valid: true}}
}

func TestANoticeIsStoredOnce(t *testing.T) {
	w := newWorld(t, 10)
	c := w.charge(w.reserve(w.Fan(), 1))
	for i, want := range []bool{true, false, false} {
		if of, fresh, err := w.DB.SaveNotice(w.Ctx, notice("ev_1", c.ID)); err != nil || fresh != want || of.Valid != want {
			t.Errorf("notice %d: fresh %v, %v", i, fresh, err)
		}
	}
	foreign := notice("ev_2", c.ID)
	foreign.Gateway = "other"
	for _, n := range []store.Notice{notice("ev_2", uuid.New()), foreign} {
		if _, fresh, err := w.DB.SaveNotice(w.Ctx, n); err != nil || fresh {
			t.Errorf("a notice about no charge of ours: fresh %v, %v", fresh, err)
		}
	}
	w.Set(`update notices set received_at = now() - interval '3 seconds'`)
	if ids, err := w.DB.UnhandledNotices(w.Ctx, 10); err != nil || len(ids) != 1 || ids[0] != c.ID {
		t.Errorf("unhandled are %v, %v", ids, err)
	}
	now, err := w.DB.Now(w.Ctx)
	w.Check(err)
	_, fresh, err := w.DB.SaveNotice(w.Ctx, notice("ev_3", c.ID))
	w.Check(err)
	if !fresh {
		t.Error("another notice of the charge was no news")
	}
	w.Check(w.DB.HandleNotices(w.Ctx, c.ID, now))
	if n := w.Count(`select count(*) from notices where handled_at is null`); n != 1 {
		t.Errorf("%d notices are left, want the one that came after asking", n)
	}
}

func TestANoticeMayNameTheGatewaysIDAlone(t *testing.T) {
	w := newWorld(t, 10)
	c := w.charge(w.reserve(w.Fan(), 1))
	n := store.Notice{Gateway: "sandbox", EventID: "ev_1", GatewayID: c.GatewayID}
	if of, fresh, err := w.DB.SaveNotice(w.Ctx, n); err != nil || !fresh || of.UUID != c.ID {
		t.Errorf("a charge that a row has: %v, fresh %v, %v", of, fresh, err)
	}
	for _, id := range []string{"ev_2", "ev_3"} {
		n = store.Notice{Gateway: "sandbox", EventID: id, GatewayID: "not in a row yet"}
		for _, want := range []bool{true, false} {
			if of, fresh, err := w.DB.SaveNotice(w.Ctx, n); err != nil || fresh != want || of.Valid {
				t.Errorf("a charge that no row has: %v, fresh %v, %v", of, fresh, err)
			}
		}
	}
	w.Set(`update notices set received_at = now() - interval '3 seconds'`)
	if nameless, err := w.DB.NamelessNotices(w.Ctx, 10); err != nil || len(nameless) != 2 {
		t.Errorf("nameless are %v, %v", nameless, err)
	}
	for id, charge := range map[string]uuid.UUID{"ev_2": c.ID, "ev_3": uuid.New()} {
		n, err := w.DB.NamelessNotice(w.Ctx, "sandbox", id)
		w.Check(err)
		if ours, err := w.DB.NameNotice(w.Ctx, n, charge); err != nil || ours != (charge == c.ID) {
			t.Errorf("%s: ours %v, %v", id, ours, err)
		}
		_, err = w.DB.NamelessNotice(w.Ctx, "sandbox", id)
		w.wantErr(err, store.ErrNotFound)
	}
	if ids, err := w.DB.UnhandledNotices(w.Ctx, 10); err != nil || len(ids) != 2 || ids[0] != c.ID || ids[1] != c.ID {
		t.Errorf("unhandled are %v, %v; want ev_1 and ev_2", ids, err)
	}
}
