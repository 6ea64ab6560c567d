package store_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"guiche/store"
)

// Null would end a query that does not expect it, perhaps only in a rare state; an index serves no "order by" of a column
// that is wrapped for nothing.
func TestSelectListsExpectNullWhereItMayBe(t *testing.T) {
	w := newWorld(t, 1)
	for table, list := range store.SelectLists {
		rows, err := w.Raw.Query(`select column_name, is_nullable = 'YES' and data_type <> 'uuid' from information_schema.columns
			where table_name = $1`, table)
		w.Check(err)
		defer rows.Close()
		for rows.Next() {
			var column string
			var nullable bool
			w.Check(rows.Scan(&column, &nullable))
			bare := strings.Contains(", "+list+", ", ", "+column+", ")
			wrapped := strings.Contains(list, "coalesce("+column+", ")
			if nullable && bare || !nullable && wrapped {
				t.Errorf("%s.%s: nullable is %t, but the list has %s", table, column, nullable, list)
			}
		}
		w.Check(rows.Err())
	}
}

// What the generator tells of a decision is not read back: it has to be what the row says, column by column.
func TestADecisionIsToldAsItIsWritten(t *testing.T) {
	w := newWorld(t, 100)
	compare := func(out store.Outcome, err error) {
		t.Helper()
		w.Check(err)
		told, written := plain(out.Orders[0]), plain(w.order(out.Orders[0].ID))
		if !reflect.DeepEqual(told, written) {
			t.Errorf("told of an order that is %s: %+v\nwritten: %+v", told.Status, told, written)
		}
	}
	for _, status := range []store.OrderStatus{
		store.Reserved, store.Paid, store.Waiting, store.SoldOut, store.OverLimit, store.Left, store.OrderCancelled,
	} {
		compare(w.leader.Decide([]store.QueuedOrder{w.unusual()}, nil, everybody(status)))
		if status == store.Left || status == store.OrderCancelled {
			continue // no decision about an order that is parked
		}
		w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, true))
		compare(w.leader.Decide([]store.QueuedOrder{w.unusual()}, nil, everybody(status)))
		w.Check(w.DB.PauseEvent(w.Ctx, w.Admin, w.Event.ID, false))
		compare(w.leader.DecideParked(w.Event.ID, 10, everybody(status)))
	}
}

// unusual is an order in which no field has the value that it has by default.
func (w *world) unusual() store.QueuedOrder {
	w.T.Helper()
	o := w.wish(w.Fan(), 3)
	o.Before, o.PriceCents, o.FeeCents, o.Currency, o.PerPerson, o.HoldSeconds = 17, 12_345, 678, "USD", 9, 421
	o.RefundPolicy = store.RefundPolicy{RefundDays: 11, RefundHours: 13, RefundFee: true}
	o.Keep, o.AcceptedAt = true, time.Now().Add(-time.Minute).Truncate(time.Microsecond)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[store.QueuedOrder]()) {
		if reflect.ValueOf(o).FieldByIndex(f.Index).IsZero() {
			w.T.Fatalf("%s has no value to look for", f.Name)
		}
	}
	return o
}

// plain is an order without what tells equal ones apart: time zones, and the tickets' ids, which nobody is told.
func plain(o store.Order) store.Order {
	for _, at := range []*time.Time{&o.AcceptedAt, &o.WaitedAt, &o.DecidedAt, &o.ReservedUntil, &o.LateAt, &o.PaidAt, &o.EndedAt} {
		*at = at.UTC()
	}
	for i := range o.Tickets {
		o.Tickets[i].ID = 0
	}
	return o
}
