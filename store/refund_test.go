package store_test

import (
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func (w *world) refund(o store.Order, tickets ...int64) store.Refund {
	w.T.Helper()
	r, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, tickets)
	w.Check(err)
	w.balanced()
	return r
}

func (w *world) refundByAdmin(o store.Order, a store.AdminRefund) store.Refund {
	w.T.Helper()
	if a.ID == uuid.Nil {
		a.ID = uuid.New()
	}
	a.OrderID = o.ID
	r, err := w.DB.AdminRefund(w.Ctx, w.Admin, a)
	w.Check(err)
	w.balanced()
	return r
}

func (w *world) giveBack(ids ...uuid.UUID) store.Outcome {
	w.T.Helper()
	out, err := w.leader.Return(ids)
	w.Check(err)
	w.balanced()
	return out
}

func TestATicketIsGivenBackOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 3)
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
		_, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, tickets)
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
	_, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil)
	w.wantErr(err, store.ErrState)
}

// movements are what the ledger booked of an order, by kind.
func (w *world) movements(id uuid.UUID) map[string]int {
	w.T.Helper()
	rows, err := w.Raw.Query(`select kind, sum(amount_cents) from ledger where order_id = $1 group by kind`, id)
	w.Check(err)
	defer rows.Close()
	booked := map[string]int{}
	for rows.Next() {
		var kind string
		var cents int
		w.Check(rows.Scan(&kind, &cents))
		booked[kind] = cents
	}
	w.Check(rows.Err())
	return booked
}

func (w *world) wantBooked(id uuid.UUID, want map[string]int) {
	w.T.Helper()
	if got := w.movements(id); !maps.Equal(got, want) {
		w.T.Errorf("booked are %v, want %v", got, want)
	}
	w.wantAudited()
}

func TestEveryMovementOfMoneyIsBooked(t *testing.T) {
	w := newWorld(t, 10)
	wish := w.wish(w.Fan(), 3)
	wish.RefundFee = false
	o := w.decide(wish, store.Reserved)
	w.wantBooked(o.ID, map[string]int{})
	c := w.charge(o)
	w.settle(c, captured(c))
	w.Set(`update orders set paid_at = now() - interval '9 days', refund_days = 30`)
	o = w.order(o.ID)
	w.wantBooked(o.ID, map[string]int{"captured": 33_000, "fee": 3000})
	first := w.refund(o, o.Tickets[0].ID)
	w.wantBooked(o.ID, map[string]int{"captured": 33_000, "fee": 3000, "refund_owed": 10_000})
	for range 2 {
		w.Check(w.DB.RefundPaid(w.Ctx, first.ID, "re_1"))
	}
	w.wantBooked(o.ID, map[string]int{"captured": 33_000, "fee": 3000, "refund_owed": 10_000, "refund_sent": 10_000})
	second := w.refundByAdmin(o, store.AdminRefund{TicketIDs: []int64{o.Tickets[1].ID}, Note: "ill"})
	w.wantBooked(o.ID, map[string]int{"captured": 33_000, "fee": 3000, "refund_owed": 21_000, "fee_returned": 1000, "refund_sent": 10_000})
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, second.ID))
	w.giveBack(first.ID, second.ID)
	w.wantBooked(o.ID, map[string]int{"captured": 33_000, "fee": 3000, "refund_owed": 21_000, "fee_returned": 1000, "refund_sent": 10_000})
	_, err := w.Raw.Exec(`update ledger set amount_cents = 1`)
	if err == nil {
		t.Error("the ledger was changed")
	}
}

func TestRefundsOfOneChargeGoOneAfterTheOther(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 4)
	var refunds []store.Refund
	for _, ticket := range o.Tickets[:3] {
		refunds = append(refunds, w.refund(o, ticket.ID))
	}
	for i, r := range refunds {
		if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 1 || due[0] != r.ID {
			t.Errorf("due before the refund %d are %v, %v", i, due, err)
		}
		if next, err := w.DB.NextRefunds(w.Ctx, o.ID); err != nil || len(next) != 1 || next[0] != r.ID {
			t.Errorf("next are %v, %v", next, err)
		}
		for _, behind := range refunds[i+1:] {
			_, err := w.DB.DueRefund(w.Ctx, behind.ID)
			w.wantErr(err, store.ErrNotFound)
		}
		d, err := w.DB.DueRefund(w.Ctx, r.ID)
		w.Check(err)
		if d.BeforeCents != int64(i)*11_000 {
			t.Errorf("before the refund %d came %d cents", i, d.BeforeCents)
		}
		w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re"))
	}
	w.wantAudited()
}

func TestARefusedRefundIsTriedAgainByAnAdmin(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	first, second := w.refund(o, o.Tickets[0].ID), w.refund(o, o.Tickets[1].ID)
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, first.ID))
	stuck, err := w.DB.StuckRefunds(w.Ctx, 10)
	w.Check(err)
	if len(stuck) != 1 || stuck[0].ID != first.ID || stuck[0].AmountCents != 11_000 || stuck[0].Attempts != 1 || stuck[0].Event != "Show" {
		t.Errorf("stuck are %+v", stuck)
	}
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 1 || due[0] != second.ID {
		t.Errorf("due behind a refused one are %v, %v", due, err)
	}
	_, err = w.DB.RetryRefund(w.Ctx, w.Admin, first.ID)
	w.wantErr(err, store.ErrState) // the other one is on its way
	w.Check(w.DB.RefundPaid(w.Ctx, second.ID, "re_2"))
	r, err := w.DB.RetryRefund(w.Ctx, w.Admin, first.ID)
	w.Check(err)
	if r.Status != store.RefundRefused {
		t.Errorf("tried again it is %s: it stays refused, and seen, until it is done", r.Status)
	}
	if d, err := w.DB.DueRefund(w.Ctx, first.ID); err != nil || d.BeforeCents != 11_000 {
		t.Errorf("the debt is %+v, %v", d, err)
	}
	w.Check(w.DB.RefundPaid(w.Ctx, first.ID, "re_1"))
	_, err = w.DB.RetryRefund(w.Ctx, w.Admin, first.ID)
	w.wantErr(err, store.ErrState)
	_, err = w.DB.RetryRefund(w.Ctx, w.Admin, uuid.New())
	w.wantErr(err, store.ErrNotFound)
	if n := w.Count(`select count(*) from admin_log where action = 'refund.retry'`); n != 1 {
		t.Errorf("%d lines in the admin log", n)
	}
	w.wantAudited()
}

func TestAnAdminRefundsOutsideThePolicy(t *testing.T) {
	w := newWorld(t, 20)
	o := w.buy(w.Fan(), 4)
	w.Set(`update orders set paid_at = now() - interval '1 year' where id = $1`, o.ID)
	w.Set(`update tickets set status = 'used' where id = $1`, o.Tickets[3].ID)
	ask := func(a store.AdminRefund) error {
		a.ID, a.OrderID = uuid.New(), o.ID
		_, err := w.DB.AdminRefund(w.Ctx, w.Admin, a)
		return err
	}
	used, first := []int64{o.Tickets[3].ID}, []int64{o.Tickets[0].ID}
	w.wantErr(ask(store.AdminRefund{TicketIDs: used}), store.ErrUsed)
	w.wantErr(ask(store.AdminRefund{}), store.ErrNothing)
	w.wantErr(ask(store.AdminRefund{Cents: new(int64)}), store.ErrNothing)
	w.wantErr(ask(store.AdminRefund{Cents: new(int64(44_001))}), store.ErrTooMuch)
	w.wantErr(ask(store.AdminRefund{TicketIDs: []int64{w.buy(w.Fan(), 1).Tickets[0].ID}}), store.ErrState)

	again := store.AdminRefund{ID: uuid.New(), Cents: new(int64(500)), Note: "the sound was bad"}
	for range 3 { // the form was sent again
		if r := w.refundByAdmin(o, again); r.AmountCents != 500 || r.Quantity != 0 || r.FeeCents != 0 || r.AdminID != w.Admin || r.Note != again.Note {
			t.Errorf("the goodwill is %+v", r)
		}
	}
	w.giveBack(again.ID)
	wantTickets := func(want string) {
		t.Helper()
		var got string
		for _, ticket := range w.order(o.ID).Tickets {
			got += string(ticket.Status) + " "
		}
		if got != want {
			t.Errorf("the tickets are %s, want %s", got, want)
		}
	}
	wantTickets("valid valid valid used ")
	w.refundByAdmin(o, store.AdminRefund{TicketIDs: first, Cents: new(int64(0)), Note: "sold on"})
	w.refundByAdmin(o, store.AdminRefund{TicketIDs: used, Used: true})
	w.wantErr(ask(store.AdminRefund{TicketIDs: used, Used: true}), store.ErrState)
	wantTickets("void valid valid void ")
	if left := store.RefundLeftCents(w.order(o.ID)); left != 32_500 {
		t.Errorf("%d cents are left", left)
	}
	w.refundByAdmin(o, store.AdminRefund{Cents: new(int64(32_500)), Note: "all of it"})
	w.wantErr(ask(store.AdminRefund{Cents: new(int64(1))}), store.ErrTooMuch)
	// The fan gives the rest back: nothing is left to come with it.
	w.Set(`update orders set paid_at = now()`)
	if r := w.refund(o); r.AmountCents != 0 || r.Status != store.RefundDone || r.Quantity != 2 {
		t.Errorf("the rest is %+v", r)
	}
	for _, r := range w.order(o.ID).Refunds {
		w.giveBack(r.ID)
	}
	w.wantStatus(o.ID, store.Refunded)
	w.wantBooked(o.ID, map[string]int{"captured": 44_000, "fee": 4000, "refund_owed": 44_000, "fee_returned": 4000})
	w.wantErr(ask(store.AdminRefund{Cents: new(int64(1))}), store.ErrState)
	other := w.buy(w.Fan(), 1)
	_, err := w.DB.AdminRefund(w.Ctx, w.Admin, store.AdminRefund{ID: again.ID, OrderID: other.ID, Cents: new(int64(1))})
	w.wantErr(err, store.ErrState)
	if n := w.Count(`select count(*) from admin_log where action = 'order.refund'`); n != 4 {
		t.Errorf("%d lines in the admin log", n)
	}
}

func TestTenClicksGiveBackOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 4)
	var asked atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err == nil {
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
	if owed := w.Count(`select sum(amount_cents) from refunds`); owed != 44_000 {
		t.Errorf("%d cents are owed", owed)
	}
	w.balanced()
}

func TestRefundsKeepThePolicyOfTheOrder(t *testing.T) {
	const longAgo = `update orders set paid_at = now() - interval '9 days', refund_days = 30;`
	for name, try := range map[string]struct {
		change string
		want   error
	}{
		"in time":             {`update orders set paid_at = now() - interval '7 days'`, nil},
		"too late":            {`update orders set paid_at = now() - interval '8 days'`, store.ErrState},
		"far enough":          {longAgo + `update events set starts_at = now() + interval '48 hours 1 minute'`, nil},
		"too near":            {longAgo + `update events set starts_at = now() + interval '47 hours 59 minutes'`, store.ErrState},
		"near and just paid":  {`update events set starts_at = now() + interval '1 minute'`, nil},
		"the show has begun":  {`update events set starts_at = now() - interval '1 minute'`, store.ErrState},
		"no days by policy":   {`update orders set refund_days = 0, refund_hours = 87600`, nil},
		"another policy now":  {`update events set refund_days = 0, refund_hours = 87600`, nil},
		"a used ticket":       {`update tickets set status = 'used'`, store.ErrState},
		"a cancelled payment": {`update orders set status = 'cancelled'`, store.ErrState},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			o := w.buy(w.Fan(), 1)
			w.Set(try.change)
			_, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil)
			w.wantErr(err, try.want)
			if n := w.Count(`select count(*) from refunds`); (n == 1) != (try.want == nil) {
				t.Errorf("%d refunds", n)
			}
		})
	}
}

func TestOnlyOneselfGivesBack(t *testing.T) {
	w := newWorld(t, 10)
	o, other := w.buy(w.Fan(), 1), w.buy(w.Fan(), 1)
	_, err := w.DB.AskRefund(w.Ctx, o.ID, other.AccountID, nil)
	w.wantErr(err, store.ErrNotFound)
	_, err = w.DB.AskRefund(w.Ctx, uuid.New(), o.AccountID, nil)
	w.wantErr(err, store.ErrNotFound)
	_, err = w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, []int64{other.Tickets[0].ID})
	w.wantErr(err, store.ErrState)
	held := w.reserve(w.Fan(), 1)
	_, err = w.DB.AskRefund(w.Ctx, held.ID, held.AccountID, nil)
	w.wantErr(err, store.ErrState)
	wantTickets(t, w.order(other.ID), store.TicketValid)
}

func TestADebtIsPaidOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 1)
	r := w.refund(o)
	d, err := w.DB.DueRefund(w.Ctx, r.ID)
	w.Check(err)
	if d.OrderID != o.ID || d.AmountCents != 11_000 || d.Gateway != "sandbox" || d.GatewayID != o.Charge.GatewayID {
		t.Errorf("the debt is %+v", d)
	}
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 1 {
		t.Errorf("due are %v, %v", due, err)
	}
	w.Check(w.DB.RefundFailed(w.Ctx, r.ID))
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due at once after a failure: %v, %v", due, err)
	}
	w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_1"))
	w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_2"))
	w.Check(w.DB.RefundFailed(w.Ctx, r.ID))
	if n := w.Count(`select count(*) from refunds where status = 'done' and gateway_id = 're_1' and attempts = 2`); n != 1 {
		t.Error("paid by its first confirmation only")
	}
	_, err = w.DB.DueRefund(w.Ctx, r.ID)
	w.wantErr(err, store.ErrNotFound)
	w.refused("refunds_owed_has_charge", `update refunds set charge_id = null`)
}

func TestRefundsWithoutTheirStockAreFoundAgain(t *testing.T) {
	w := newWorld(t, 10)
	r := w.refund(w.buy(w.Fan(), 1))
	if ids, err := w.DB.UnreleasedRefunds(w.Ctx, 10); err != nil || len(ids) != 0 {
		t.Errorf("at once: %v, %v", ids, err)
	}
	w.Set(`update refunds set asked_at = now() - interval '3 seconds'`)
	if ids, err := w.DB.UnreleasedRefunds(w.Ctx, 10); err != nil || len(ids) != 1 || ids[0] != r.ID {
		t.Errorf("unreleased are %v, %v", ids, err)
	}
	w.giveBack(r.ID)
	if ids, err := w.DB.UnreleasedRefunds(w.Ctx, 10); err != nil || len(ids) != 0 {
		t.Errorf("released, yet found: %v, %v", ids, err)
	}
}

func TestTheSevenDaysOfTheLawAreWholeDaysAtTheEvent(t *testing.T) {
	const policy, law = "policy", "law"
	for name, try := range map[string]struct {
		zone, paid, show string
		days, hours      int
		until            string // at the event
		by               string
	}{
		"to the end of the day":         {"America/Sao_Paulo", "2026-12-01 05:07", "2027-01-10 21:00", 7, 48, "2026-12-08 23:59", law},
		"paid a minute before midnight": {"America/Sao_Paulo", "2026-12-01 23:59", "2027-01-10 21:00", 7, 48, "2026-12-08 23:59", law},
		"a day that is another in UTC":  {"America/Noronha", "2026-12-01 23:30", "2027-01-10 21:00", 7, 48, "2026-12-08 23:59", law},
		"across a change of clocks":     {"America/New_York", "2026-10-29 12:00", "2027-01-10 21:00", 7, 48, "2026-11-05 23:59", law},
		"the show is near":              {"America/Sao_Paulo", "2026-12-01 12:00", "2026-12-03 11:00", 7, 48, "2026-12-03 11:00", law},
		"the show is within the days":   {"America/Sao_Paulo", "2026-12-01 12:00", "2026-12-09 21:00", 7, 48, "2026-12-08 23:59", law},
		"a policy of none":              {"America/Sao_Paulo", "2026-12-01 12:00", "2027-01-10 21:00", 0, 48, "2026-12-08 23:59", law},
		"a policy of more":              {"America/Sao_Paulo", "2026-12-01 12:00", "2027-01-10 21:00", 30, 48, "2026-12-31 23:59", policy},
		"more, but near the show":       {"America/Sao_Paulo", "2026-12-01 12:00", "2026-12-20 21:00", 30, 48, "2026-12-18 21:00", policy},
		"more, and far from it":         {"America/Sao_Paulo", "2026-12-01 12:00", "2026-12-20 21:00", 30, 400, "2026-12-08 23:59", law},
	} {
		zone, err := time.LoadLocation(try.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(text string) time.Time {
			t.Helper()
			moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
			if err != nil {
				t.Fatal(err)
			}
			return moment
		}
		o := store.Order{PaidAt: at(try.paid).UTC()}
		o.PriceCents, o.FeeCents = 10_000, 1000
		o.RefundPolicy = store.RefundPolicy{RefundDays: try.days, RefundHours: try.hours}
		e := store.Event{StartsAt: at(try.show).UTC(), TimeZone: try.zone}
		until := store.RefundUntil(o, e)
		if got := until.In(zone).Format("2006-01-02 15:04"); got != try.until {
			t.Errorf("%s: until %s, want %s", name, got, try.until)
		}
		want := int64(11_000)
		if try.by == policy {
			want = 10_000
		}
		if got := store.RefundPerTicketCents(o, e, until); got != want {
			t.Errorf("%s: %d cents come back at the last moment, want %d", name, got, want)
		}
	}
}

func TestARefundThatWasRefusedIsTriedByAnotherKey(t *testing.T) {
	w := newWorld(t, 10)
	r := w.refund(w.buy(w.Fan(), 1))
	first, err := w.DB.DueRefund(w.Ctx, r.ID)
	w.Check(err)
	if first.Key != r.ID {
		t.Error("the release before asks by the refund's id, and could send it beside the first attempt")
	}
	w.Check(w.DB.RefundFailed(w.Ctx, r.ID))
	if again, err := w.DB.DueRefund(w.Ctx, r.ID); err != nil || again.Key != first.Key {
		t.Errorf("an unknown outcome is asked for by %s, not by %s; %v", again.Key, first.Key, err)
	}
	w.Check(w.DB.RefundAnswered(w.Ctx, first.Key, "no balance\xff\x00"))
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, r.ID))
	_, err = w.DB.DueRefund(w.Ctx, r.ID)
	w.wantErr(err, store.ErrNotFound)
	for range 3 { // clicked thrice
		_, err = w.DB.RetryRefund(w.Ctx, w.Admin, r.ID)
		w.Check(err)
	}
	second, err := w.DB.DueRefund(w.Ctx, r.ID)
	w.Check(err)
	if second.Key == first.Key {
		t.Error("the gateway would answer the same key with the same refusal")
	}
	attempts, err := w.DB.OrderAttempts(w.Ctx, r.OrderID)
	w.Check(err)
	if len(attempts) != 2 || attempts[0].Result != "refused" || attempts[0].Tries != 2 || attempts[0].Reason != "no balance\uFFFD" || attempts[0].EndedAt.IsZero() ||
		attempts[1].ID != second.Key || attempts[1].Result != "" || !attempts[1].EndedAt.IsZero() {
		t.Errorf("the attempts are %+v", attempts)
	}
	w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_2"))
	if n := w.Count(`select count(*) from letters where kind = 'refund_refused'`); n != 1 {
		t.Errorf("%d letters tell of the refusal", n)
	}
	w.wantAudited()
}

func TestARetriedRefundThatHasAHiccupStaysInSightAndIsTriedSoon(t *testing.T) {
	w := newWorld(t, 10)
	r := w.refund(w.buy(w.Fan(), 1))
	for range 8 { // an hour of trouble before the refusal
		_, err := w.DB.DueRefund(w.Ctx, r.ID)
		w.Check(err)
		w.Check(w.DB.RefundFailed(w.Ctx, r.ID))
	}
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, r.ID))
	_, err := w.DB.RetryRefund(w.Ctx, w.Admin, r.ID)
	w.Check(err)
	_, err = w.DB.DueRefund(w.Ctx, r.ID)
	w.Check(err)
	w.Check(w.DB.RefundFailed(w.Ctx, r.ID))
	if stuck, err := w.DB.StuckRefunds(w.Ctx, 10); err != nil || len(stuck) != 1 || !stuck[0].Retrying || stuck[0].Settleable {
		t.Errorf("in sight are %+v, %v", stuck, err)
	}
	if n := w.Count(`select count(*) from refunds where next_try_at between now() and now() + interval '3 seconds'`); n != 1 {
		t.Error("the tries before the refusal put the next one off")
	}
	w.Set(`update refunds set next_try_at = now()`)
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 1 || due[0] != r.ID {
		t.Errorf("due are %v, %v", due, err)
	}
	if next, err := w.DB.NextRefunds(w.Ctx, r.OrderID); err != nil || len(next) != 1 {
		t.Errorf("next are %v, %v", next, err)
	}
}

func TestOtherRefundsWaitWhileARefusedOneIsTriedAgain(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	first := w.refund(o, o.Tickets[0].ID)
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, first.ID))
	_, err := w.DB.RetryRefund(w.Ctx, w.Admin, first.ID)
	w.Check(err)
	second := w.refund(o, o.Tickets[1].ID)
	_, err = w.DB.DueRefund(w.Ctx, second.ID)
	w.wantErr(err, store.ErrNotFound)
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 1 || due[0] != first.ID {
		t.Errorf("due are %v, %v", due, err)
	}
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, first.ID)) // again
	if d, err := w.DB.DueRefund(w.Ctx, second.ID); err != nil || d.BeforeCents != 0 {
		t.Errorf("the other one is %+v, %v", d, err)
	}
	w.wantAudited()
}

func TestARefusedRefundIsSettledOutside(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	first, second := w.refund(o, o.Tickets[0].ID), w.refund(o, o.Tickets[1].ID)
	w.giveBack(first.ID, second.ID)
	settle := func(id uuid.UUID) error {
		_, err := w.DB.SettleRefund(w.Ctx, w.Admin, id, "bank transfer")
		return err
	}
	w.wantErr(settle(uuid.New()), store.ErrNotFound)
	w.wantErr(settle(first.ID), store.ErrState) // it is on its way
	w.Check(w.DB.RefundPaid(w.Ctx, first.ID, "re_1"))
	w.wantErr(settle(first.ID), store.ErrState) // it came
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, second.ID))
	_, err := w.DB.RetryRefund(w.Ctx, w.Admin, second.ID)
	w.Check(err)
	w.wantErr(settle(second.ID), store.ErrState) // it may come by the gateway any moment
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, second.ID))
	w.Check(settle(second.ID))
	w.wantErr(settle(second.ID), store.ErrState)
	_, err = w.DB.RetryRefund(w.Ctx, w.Admin, second.ID)
	w.wantErr(err, store.ErrState)
	w.Check(w.DB.RefundPaid(w.Ctx, second.ID, "re_2")) // a word that came too late
	w.wantBooked(o.ID, map[string]int{
		"captured": 22_000, "fee": 2000, "refund_owed": 22_000, "fee_returned": 2000, "refund_sent": 11_000, "refund_outside": 11_000,
	})
	if stuck, err := w.DB.StuckRefunds(w.Ctx, 10); err != nil || len(stuck) != 0 {
		t.Errorf("stuck are %+v, %v", stuck, err)
	}
	if tills, err := w.DB.Tills(w.Ctx, w.Event.ID); err != nil || len(tills) != 1 || tills[0].UnsentCents() != 0 || tills[0].OutsideCents != 11_000 {
		t.Errorf("the till is %+v, %v", tills, err)
	}
	if n := w.Count(`select count(*) from admin_log where action = 'refund.settle' and detail->>'note' = 'bank transfer'`); n != 1 {
		t.Errorf("%d lines in the admin log", n)
	}
}

func TestARefundThatNobodyAnswersForADayCanBeSettledOutside(t *testing.T) {
	w := newWorld(t, 10)
	r := w.refund(w.buy(w.Fan(), 1))
	_, err := w.DB.DueRefund(w.Ctx, r.ID)
	w.Check(err)
	w.Set(`update refunds set asked_at = now() - interval '25 hours'`)
	if stuck, err := w.DB.StuckRefunds(w.Ctx, 10); err != nil || len(stuck) != 1 || !stuck[0].Settleable {
		t.Errorf("stuck are %+v, %v", stuck, err)
	}
	_, err = w.DB.SettleRefund(w.Ctx, w.Admin, r.ID, "the gateway is no more")
	w.Check(err)
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due are %v, %v", due, err)
	}
	w.wantAudited()
}

func TestTheFeeComesBackWithinTheDaysOfTheLaw(t *testing.T) {
	w := newWorld(t, 10)
	wish := w.wish(w.Fan(), 2)
	wish.RefundFee, wish.RefundDays = false, 30
	o := w.decide(wish, store.Reserved)
	c := w.charge(o)
	w.settle(c, captured(c))
	o = w.order(o.ID)
	if r := w.refund(o, o.Tickets[0].ID); r.AmountCents != 11_000 || r.FeeCents != 1000 {
		t.Errorf("the law's refund is %+v", r)
	}
	w.wantAudited()
	w.Set(`update orders set paid_at = now() - interval '9 days'`)
	if r := w.refund(o, o.Tickets[1].ID); r.AmountCents != 10_000 || r.FeeCents != 0 {
		t.Errorf("the policy's refund is %+v", r)
	}
	w.wantAudited()
}
