package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func (w *world) expire(ids ...uuid.UUID) store.Outcome {
	w.T.Helper()
	out, err := w.leader.Expire(ids)
	w.Check(err)
	w.balanced()
	return out
}

func (w *world) leave(ids ...uuid.UUID) store.Outcome {
	w.T.Helper()
	out, err := w.leader.Leave(ids)
	w.Check(err)
	w.balanced()
	return out
}

func TestAHoldEndsOnlyPastItsDeadline(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 3)
	if out := w.expire(o.ID); len(out.Orders) != 0 {
		t.Errorf("undone before its deadline: %+v", out.Orders)
	}
	w.wantStatus(o.ID, store.Reserved)
	w.wantFree(7)
	w.Set(`update orders set reserved_until = now() where id = $1`, o.ID)
	holds, err := w.DB.OverdueHolds(w.Ctx, store.Hold{}, 10)
	w.Check(err)
	if len(holds) != 1 || holds[0].OrderID != o.ID {
		t.Errorf("overdue are %+v", holds)
	}
	out := w.expire(o.ID, o.ID)
	if len(out.Orders) != 1 || len(out.Counts) != 1 || out.Counts[0].Free[w.kind.ID] != 10 {
		t.Errorf("told %+v", out)
	}
	ended := w.wantStatus(o.ID, store.Expired)
	wantTickets(t, ended, store.TicketVoid)
	w.wantFree(10)
	if out := w.expire(o.ID); len(out.Orders) != 0 {
		t.Errorf("undone twice: %+v", out.Orders)
	}
	w.wantFree(10)
}

func TestAHoldStandsWhileItsChargeIsOpen(t *testing.T) {
	w := newWorld(t, 10)
	for _, undo := range []func(...uuid.UUID) store.Outcome{w.expire, w.leave} {
		o := w.reserve(w.Fan(), 1)
		w.Set(`update orders set reserved_until = now() where id = $1`, o.ID)
		w.Set(`insert into charges (order_id, gateway, amount_cents, currency, expires_at) values ($1, 'sandbox', 11000, 'BRL', now())`, o.ID)
		for _, status := range []store.ChargeStatus{store.ChargeNew, store.ChargeOpen} {
			w.Set(`update charges set status = $2 where order_id = $1`, o.ID, status)
			if out := undo(o.ID); len(out.Orders) != 0 {
				t.Errorf("undone with a charge that is %s", status)
			}
		}
		w.Set(`update charges set status = 'cancelled' where order_id = $1`, o.ID)
		if out := undo(o.ID); len(out.Orders) != 1 {
			t.Errorf("not undone after its charge ended")
		}
	}
	w.wantFree(10)
}

func TestLeavingGivesAHoldBackAndNothingElse(t *testing.T) {
	w := newWorld(t, 10)
	held, paid, soldOut := w.reserve(w.Fan(), 2), w.buy(w.Fan(), 1), w.decide(w.wish(w.Fan(), 1), store.SoldOut)
	if out := w.leave(held.ID, paid.ID, soldOut.ID, uuid.New()); len(out.Orders) != 1 || out.Orders[0].ID != held.ID {
		t.Errorf("left %+v", out.Orders)
	}
	wantTickets(t, w.wantStatus(held.ID, store.Left), store.TicketVoid)
	wantTickets(t, w.wantStatus(paid.ID, store.Paid), store.TicketValid)
	w.wantStatus(soldOut.ID, store.SoldOut)
	w.wantFree(9)
}

func TestLeavingTheLinePassesTheTurn(t *testing.T) {
	w := newWorld(t, 10)
	o := w.wish(w.Fan(), 2)
	out, err := w.leader.LeaveLine([]store.QueuedOrder{o})
	w.Check(err)
	if len(out.Orders) != 1 || out.Orders[0].Status != store.Left {
		t.Errorf("told %+v", out.Orders)
	}
	// Its turn comes nevertheless, and finds it decided.
	again, err := w.leader.Decide([]store.QueuedOrder{o}, nil, everybody(store.Reserved))
	w.Check(err)
	if again.Orders[0].Status != store.Left {
		t.Errorf("decided again as %s", again.Orders[0].Status)
	}
	held := w.wish(w.Fan(), 1)
	w.decide(held, store.Reserved)
	out, err = w.leader.LeaveLine([]store.QueuedOrder{held})
	w.Check(err)
	if out.Orders[0].Status != store.Reserved {
		t.Errorf("an order that was decided left the line as %s", out.Orders[0].Status)
	}
	w.wantFree(9)
	w.balanced()
}

func TestAHoldNeedsADeadlineAndAPaidOrderATime(t *testing.T) {
	w := newWorld(t, 10)
	o := w.reserve(w.Fan(), 1)
	w.refused("orders_hold_has_deadline", `update orders set reserved_until = null where id = $1`, o.ID)
	w.refused("orders_paid_has_time", `update orders set status = 'paid' where id = $1`, o.ID)
	w.refused("orders_returned", `update orders set returned = 2 where id = $1`, o.ID)
}

func TestCapacityNeverFallsBelowWhatIsTaken(t *testing.T) {
	w := newWorld(t, 10)
	w.reserve(w.Fan(), 4)
	w.buy(w.Fan(), 2)
	for _, try := range []struct {
		capacity int
		want     string
		free     int
	}{{5, "refused", 4}, {6, "done", 0}, {5, "refused", 0}, {8, "done", 2}} {
		change, err := w.DB.AskCapacity(w.Ctx, w.Admin, w.kind.ID, try.capacity)
		w.Check(err)
		asked, err := w.DB.AskedCapacities(w.Ctx, 10)
		w.Check(err)
		if len(asked) != 1 || asked[0] != change {
			t.Errorf("asked are %v", asked)
		}
		out, err := w.leader.SetCapacity([]int64{change})
		w.Check(err)
		if out.Counts[0].Free[w.kind.ID] != try.free {
			t.Errorf("told %+v, want %d free", out.Counts, try.free)
		}
		w.wantFree(try.free)
		books, err := w.DB.Books(w.Ctx, w.Event.ID)
		w.Check(err)
		if b := books[0]; b.Change != try.want || b.ChangeTo != try.capacity || b.ChangeAt.IsZero() {
			t.Errorf("the change to %d reads %+v", try.capacity, b)
		}
		if again, err := w.leader.SetCapacity([]int64{change}); err != nil || len(again.Counts) != 0 {
			t.Errorf("settled twice: %+v, %v", again, err)
		}
		w.balanced()
	}
	if _, err := w.DB.AskCapacity(w.Ctx, w.Admin, 1<<40, 5); err == nil {
		t.Error("the capacity of no type was asked")
	} else {
		w.wantErr(err, store.ErrNotFound)
	}
}

func TestCapacityChangesAreMadeInTheOrderOfAsking(t *testing.T) {
	w := newWorld(t, 10)
	first, err := w.DB.AskCapacity(w.Ctx, w.Admin, w.kind.ID, 50)
	w.Check(err)
	second, err := w.DB.AskCapacity(w.Ctx, w.Admin, w.kind.ID, 20)
	w.Check(err)
	_, err = w.leader.SetCapacity([]int64{second, first})
	w.Check(err)
	w.wantFree(20)
}
