package store_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestTheDatabaseRefusesAnOversell(t *testing.T) {
	w := newWorld(t, 3)
	first, second := w.wish(w.Fan(), 2), w.wish(w.Fan(), 2)
	_, err := w.leader.Decide([]store.QueuedOrder{first, second}, nil, everybody(store.Reserved))
	wantConstraint(t, err, "stock_never_oversold")
	if !store.Refused(err) {
		t.Error("an oversell is nothing to try again")
	}
	if n := w.Count(`select (select count(*) from orders) + (select count(*) from tickets)`); n != 0 {
		t.Errorf("%d rows of a refused batch are left", n)
	}
	w.wantFree(3)
	// The leader goes on after the refusal, and a type that it believes to be gone is guarded as well.
	w.decide(first, store.Reserved)
	_, err = w.leader.Decide([]store.QueuedOrder{second}, map[int64]bool{w.kind.ID: true}, everybody(store.Paid))
	wantConstraint(t, err, "stock_never_oversold")
	w.wantFree(1)
	w.balanced()
}

func TestStockNeverFallsBelowNothing(t *testing.T) {
	w := newWorld(t, 3)
	w.refused("stock_never_oversold", `update stock set taken = -1`)
	w.refused("stock_never_oversold", `update stock set taken = 4`)
}

func TestDecidingTwiceIsOnce(t *testing.T) {
	w := newWorld(t, 10)
	o := w.wish(w.Fan(), 3)
	out, err := w.leader.Decide([]store.QueuedOrder{o, o}, nil, everybody(store.Reserved))
	w.Check(err)
	if len(out.Orders) != 1 || len(out.Orders[0].Tickets) != 3 {
		t.Fatalf("one order sent twice in a batch gave %+v", out.Orders)
	}
	again, err := w.leader.Decide([]store.QueuedOrder{o}, nil, func(d store.Inputs) []store.Decision {
		t.Errorf("asked to decide again: %+v", d.Orders)
		return nil
	})
	w.Check(err)
	if len(again.Orders) != 1 || again.Orders[0].Status != store.Reserved || again.Orders[0].Decision != out.Orders[0].Decision {
		t.Errorf("told %+v, want what was told first: %+v", again.Orders, out.Orders)
	}
	w.wantFree(7)
	w.balanced()
}

func TestAnOrderIDIsOneOrder(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	w.refused("orders_pkey", `
		insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at)
		select id, event_id, ticket_type_id, account_id, number + 1, quantity, 'left', price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at from orders where id = $1`, o.ID)
}

func TestOneOpenOrderPerAccountAndEvent(t *testing.T) {
	w := newWorld(t, 10)
	fan := w.Fan()
	_, err := w.leader.Decide([]store.QueuedOrder{w.wish(fan, 1), w.wish(fan, 1)}, nil, everybody(store.Reserved))
	wantConstraint(t, err, "orders_one_open")
	w.wantFree(10)
	// What is over takes no place.
	w.decide(w.wish(fan, 1), store.SoldOut)
	w.buy(fan, 1)
	w.reserve(fan, 1)
	_, err = w.leader.Decide([]store.QueuedOrder{w.wish(fan, 1)}, nil, everybody(store.Reserved))
	wantConstraint(t, err, "orders_one_open")
	w.balanced()
}

func TestNumbersRiseAndAreGivenOnce(t *testing.T) {
	w := newWorld(t, 20)
	a, b, c := w.wish(w.Fan(), 2), w.wish(w.Fan(), 3), w.wish(w.Fan(), 1)
	// However a batch is ordered, its orders are decided by number.
	out, err := w.leader.Decide([]store.QueuedOrder{c, a, b}, nil, everybody(store.Reserved))
	w.Check(err)
	slices.SortFunc(out.Orders, func(x, y store.Order) int { return int(x.Number - y.Number) })
	last, decision := int64(0), int64(0)
	for _, o := range append(out.Orders, w.reserve(w.Fan(), 2), w.buy(w.Fan(), 4)) {
		if o.Decision != decision+1 {
			t.Errorf("decision %d after %d", o.Decision, decision)
		}
		decision = o.Decision
		for _, ticket := range w.order(o.ID).Tickets {
			if ticket.Number != last+1 {
				t.Errorf("ticket %d after %d", ticket.Number, last)
			}
			last = ticket.Number
		}
	}
	// A number that came back is not given again.
	w.Set(`update orders set reserved_until = now() where id = $1`, a.ID)
	w.expire(a.ID)
	if next := w.reserve(w.Fan(), 1); next.Tickets[0].Number != last+1 {
		t.Errorf("ticket %d, want %d", next.Tickets[0].Number, last+1)
	}
	twice := w.wish(w.Fan(), 1)
	twice.Number = b.Number
	_, err = w.leader.Decide([]store.QueuedOrder{twice}, nil, everybody(store.SoldOut))
	wantConstraint(t, err, "orders_number_once")
	w.refused("tickets_number_once", `update tickets set number = 1 where number = 2`)
	w.refused("orders_decision_once", `update orders set decision = 1 where decision = 2`)
}

func TestTheInputsShowStockAndHoldings(t *testing.T) {
	w := newWorld(t, 10)
	fan := w.Fan()
	bought := w.buy(fan, 2)
	w.reserve(fan, 1)
	r, err := w.DB.AskRefund(w.Ctx, bought.ID, fan, []int64{bought.Tickets[0].ID})
	w.Check(err)
	_, err = w.leader.Return([]uuid.UUID{r.ID})
	w.Check(err)
	o := w.wish(fan, 1)
	_, err = w.leader.Decide([]store.QueuedOrder{o}, nil, func(d store.Inputs) []store.Decision {
		if d.Free[w.kind.ID] != 8 {
			t.Errorf("the inputs show %d free, want 8", d.Free[w.kind.ID])
		}
		if has := d.Holding[store.Holder{AccountID: fan, EventID: w.Event.ID}]; has != (store.Holding{Tickets: 2, Open: true}) {
			t.Errorf("the inputs show %+v, want 2 tickets and an open order", has)
		}
		return []store.Decision{{OrderID: o.ID, Status: store.OverLimit}}
	})
	w.Check(err)
	w.balanced()
}

func TestFreeTicketsNeedNoCharge(t *testing.T) {
	w := newWorld(t, 10)
	wish := w.wish(w.Fan(), 2)
	wish.PriceCents, wish.FeeCents = 0, 0
	o := w.decide(wish, store.Paid)
	wantTickets(t, w.wantStatus(o.ID, store.Paid), store.TicketValid)
	_, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "sandbox", "")
	w.wantErr(err, store.ErrState)
	refund, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil)
	w.Check(err)
	if refund.Status != store.RefundDone || refund.AmountCents != 0 {
		t.Errorf("nothing was paid, but %+v is owed", refund)
	}
	w.balanced()
}

// A fan joined again after her hold had ended; her first order came back to the return list meanwhile, and the event is paused.
func TestAnAccountIsNotParkedBesideItsOpenOrder(t *testing.T) {
	w := newWorld(t, 1)
	w.reserve(w.Fan(), 1)
	fan := w.Fan()
	w.decide(w.wish(fan, 1), store.Waiting)
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, true))
	parked := w.wish(w.Fan(), 1)
	again := w.wish(fan, 1)
	out, err := w.leader.Decide([]store.QueuedOrder{parked, again}, nil, everybody(store.Reserved))
	w.Check(err)
	if len(out.Orders) != 2 || out.Orders[0].Status != store.Queued || out.Orders[1].Status != store.Left {
		t.Errorf("%+v", out.Orders)
	}
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, false))
	_, err = w.leader.DecideParked(w.Event.ID, 10, everybody(store.SoldOut))
	w.Check(err)
	w.wantAudited()
}
