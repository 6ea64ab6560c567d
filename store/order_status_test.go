package store_test

import (
	"regexp"
	"slices"
	"testing"

	"guiche/store"
)

var quoted = regexp.MustCompile(`'(\w+)'`)

// states are the states that a piece of SQL names.
func states(sql string) (all []store.OrderStatus) {
	for _, m := range quoted.FindAllStringSubmatch(sql, -1) {
		all = append(all, store.OrderStatus(m[1]))
	}
	return all
}

func TestTheSchemaKnowsTheStatesOfAnOrder(t *testing.T) {
	w := newWorld(t, 1)
	var check string
	w.Check(w.Raw.QueryRow(`select pg_get_constraintdef(oid) from pg_constraint where conname = 'orders_status_check'`).Scan(&check))
	if got, want := slices.Sorted(slices.Values(states(check))), slices.Sorted(slices.Values(store.OrderStatuses())); !slices.Equal(got, want) {
		t.Errorf("the schema allows %v, the code knows %v", got, want)
	}
}

func TestConditionsInSQLNameTheStatesOfTheTable(t *testing.T) {
	for sql, want := range store.OrderConditions() {
		if got := states(sql); !slices.Equal(got, want) {
			t.Errorf("%s, but the table says %v", sql, want)
		}
	}
}

// Every method that moves an order is driven once, and a trigger notes what it did: all that the table of states allows,
// and nothing else.
func TestOrdersMoveAsTheTableOfStatesSays(t *testing.T) {
	w := newWorld(t, 4)
	w.Set(`
		create table moved (was text, is_now text);
		create function note_move() returns trigger language plpgsql as $$ begin
			insert into moved values (case when tg_op = 'INSERT' then 'queued' else old.status end, new.status);
			return null;
		end $$;
		create trigger note_move after insert or update of status on orders for each row execute function note_move()`)
	for _, status := range []store.OrderStatus{store.SoldOut, store.OverLimit, store.Left, store.OrderCancelled} {
		w.decide(w.wish(w.Fan(), 1), status)
	}
	// A place comes back: the first in line gets two tickets, the second gets two free ones, the third waits for more.
	all := w.reserve(w.Fan(), 4)
	first := w.decide(w.wish(w.Fan(), 2), store.Waiting)
	free := w.wish(w.Fan(), 2)
	free.PriceCents, free.FeeCents = 0, 0
	w.decide(free, store.Waiting)
	third := w.decide(w.wish(w.Fan(), 4), store.Waiting)
	w.leave(w.decide(w.wish(w.Fan(), 1), store.Waiting).ID)
	w.leave(all.ID)
	w.wantStatus(free.ID, store.Paid)
	// The first one's time is over, so that nothing can come back for the third; but her money comes, and goes again.
	c := w.lapse(first)
	w.wantStatus(third.ID, store.SoldOut)
	w.settle(c, captured(c))
	w.takeLate(c.ID)
	w.giveBack(w.refund(w.order(first.ID)).ID)
	w.wantStatus(first.ID, store.Refunded)
	gift := w.wish(w.Fan(), 1)
	gift.PriceCents, gift.FeeCents = 0, 0
	w.giveBack(w.refund(w.decide(gift, store.Paid)).ID)
	w.buy(w.Fan(), 1)
	// Somebody who asked to be kept pays too late for what others hold now, and waits again.
	kept := w.wish(w.Fan(), 1)
	kept.Keep = true
	c = w.lapse(w.decide(kept, store.Reserved))
	rest := w.reserve(w.Fan(), 1)
	w.settle(c, captured(c))
	w.takeLate(c.ID)
	w.leave(kept.ID)
	w.leave(rest.ID)
	// What is open ends with the event.
	w.reserve(w.Fan(), 1)
	w.decide(w.wish(w.Fan(), 2), store.Waiting)
	w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, true))
	for range 2 {
		w.decide(w.wish(w.Fan(), 1), store.Queued)
	}
	w.cancelEvent()
	_, err := w.leader.EndCancelled(w.Event.ID, 100)
	w.Check(err)

	var moves [][2]store.OrderStatus
	rows, err := w.Raw.Query(`select distinct was, is_now from moved where was <> is_now`)
	w.Check(err)
	defer rows.Close()
	for rows.Next() {
		var m [2]store.OrderStatus
		w.Check(rows.Scan(&m[0], &m[1]))
		moves = append(moves, m)
	}
	w.Check(rows.Err())
	allowed := store.OrderTransitions()
	for _, m := range moves {
		if !slices.Contains(allowed, m) {
			t.Errorf("an order moved from %s to %s", m[0], m[1])
		}
	}
	for _, m := range allowed {
		if !slices.Contains(moves, m) {
			t.Errorf("nothing moved an order from %s to %s", m[0], m[1])
		}
	}
}
