package store_test

import (
	"fmt"
	"testing"

	base "guiche/journeys/world"
	"guiche/store"
)

func TestSlugsAreUnique(t *testing.T) {
	w := newWorld(t, 1)
	_, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("show"))
	w.wantErr(err, store.ErrSlugTaken)
	other, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("other"))
	w.Check(err)
	other.Slug = "show"
	w.wantErr(w.DB.UpdateEvent(w.Ctx, w.Admin, other), store.ErrSlugTaken)
	other.Slug, other.Name = "third", "Third"
	w.Check(w.DB.UpdateEvent(w.Ctx, w.Admin, other))
	found, err := w.DB.EventBySlug(w.Ctx, "third")
	w.Check(err)
	if found.Name != "Third" {
		t.Errorf("found %+v", found)
	}
	if n := w.Count(`select count(*) from admin_log where account_id = $1 and subject = $2`, w.Admin, fmt.Sprintf("event %d", other.ID)); n != 2 {
		t.Errorf("%d lines in the admin log", n)
	}
}

func TestPublishingNeedsADraftWithATicketType(t *testing.T) {
	w := newWorld(t, 1)
	w.wantErr(w.DB.PublishEvent(w.Ctx, w.Admin, w.Event.ID), store.ErrState)
	draft, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("draft"))
	w.Check(err)
	w.wantErr(w.DB.PublishEvent(w.Ctx, w.Admin, draft.ID), store.ErrState)
	shown, err := w.DB.PublishedEvents(w.Ctx)
	w.Check(err)
	if len(shown) != 1 {
		t.Errorf("%d events are shown", len(shown))
	}
	_, _, err = w.DB.CreateTicketType(w.Ctx, w.Admin, store.TicketType{EventID: draft.ID, Name: "Pista"})
	w.Check(err)
	w.Check(w.DB.PublishEvent(w.Ctx, w.Admin, draft.ID))
	if shown, err = w.DB.PublishedEvents(w.Ctx); err != nil || len(shown) != 2 {
		t.Errorf("%d events are shown, %v", len(shown), err)
	}
}

func TestTheCurrencyOfPricesStays(t *testing.T) {
	w := newWorld(t, 1)
	draft, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("draft"))
	w.Check(err)
	for _, e := range []store.Event{draft, w.Event} {
		e.Currency = "USD"
		w.Check(w.DB.UpdateEvent(w.Ctx, w.Admin, e))
	}
	if n := w.Count(`select count(*) from events where (status = 'draft') = (currency = 'USD')`); n != 2 {
		t.Error("the currency of a draft changes, that of a published event does not")
	}
}

func TestTypesHaveNamesOfTheirOwnAndStockFromTheGenerator(t *testing.T) {
	w := newWorld(t, 5)
	_, _, err := w.DB.CreateTicketType(w.Ctx, w.Admin, store.TicketType{EventID: w.Event.ID, Name: "Pista"})
	w.wantErr(err, store.ErrNameTaken)
	kind, change, err := w.DB.CreateTicketType(w.Ctx, w.Admin, store.TicketType{EventID: w.Event.ID, Name: "Camarote", Capacity: 7})
	w.Check(err)
	read := func() store.TicketType {
		e, err := w.DB.EventOfType(w.Ctx, kind.ID)
		w.Check(err)
		found, _ := e.Type(kind.ID)
		return found
	}
	if got := read(); got.Capacity != 0 || got.Name != "Camarote" {
		t.Errorf("before the generator: %+v", got)
	}
	_, err = w.leader.SetCapacity([]int64{change})
	w.Check(err)
	if got := read(); got.Capacity != 7 {
		t.Errorf("after the generator: %+v", got)
	}
	kind.Name = "Pista"
	w.wantErr(w.DB.UpdateTicketType(w.Ctx, w.Admin, kind), store.ErrNameTaken)
}

func TestPricesAndRulesOfAcceptedOrdersStay(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 1)
	w.kind.PriceCents, w.kind.FeeCents = 99_900, 0
	w.Check(w.DB.UpdateTicketType(w.Ctx, w.Admin, w.kind))
	w.Event.RefundDays, w.Event.RefundFee = 0, false
	w.Check(w.DB.UpdateEvent(w.Ctx, w.Admin, w.Event))
	now := w.order(o.ID)
	if now.AmountCents() != 11_000 || now.RefundDays != 7 || !now.RefundFee {
		t.Errorf("the order changed: %+v", now.QueuedOrder)
	}
	if r := w.refund(o); r.AmountCents != 11_000 {
		t.Errorf("%d cents come back", r.AmountCents)
	}
}

func TestEventOrdersComeByPage(t *testing.T) {
	w := newWorld(t, 10)
	first, second, third := w.reserve(w.Fan(), 1), w.buy(w.Fan(), 1), w.reserve(w.Fan(), 1)
	for _, try := range []struct {
		status store.OrderStatus
		span   store.Span
		limit  int
		want   []store.Order
	}{
		{"", store.Span{}, 10, []store.Order{third, second, first}},
		{"", store.Span{Before: third.Number}, 1, []store.Order{second}},
		{"", store.Span{Before: first.Number}, 10, nil},
		{"", store.Span{After: first.Number}, 1, []store.Order{second}},
		{"", store.Span{After: first.Number}, 10, []store.Order{third, second}},
		{"", store.Span{After: third.Number}, 10, nil},
		{"", store.Span{Skip: 1}, 1, []store.Order{second}},
		{store.Reserved, store.Span{}, 10, []store.Order{third, first}},
		{store.Reserved, store.Span{After: first.Number}, 10, []store.Order{third}},
		{store.Expired, store.Span{}, 10, nil},
	} {
		got, err := w.DB.EventOrders(w.Ctx, w.Event.ID, try.status, try.span, try.limit)
		w.Check(err)
		if len(got) != len(try.want) {
			t.Errorf("%q of %+v: %d orders, want %d", try.status, try.span, len(got), len(try.want))
			continue
		}
		for i, o := range got {
			if o.ID != try.want[i].ID {
				t.Errorf("%q of %+v: order %d is number %d", try.status, try.span, i, o.Number)
			}
		}
	}
}

func TestEventsAndTypesKeepTheBoundsOfTheSchema(t *testing.T) {
	w := newWorld(t, 1)
	w.refused("events_sale_window", `update events set sale_ends_at = sale_starts_at`)
	w.refused("events_slug_check", `update events set slug = 'Não'`)
	w.refused("events_per_person_check", `update events set per_person = 0`)
	w.refused("events_hold_seconds_check", `update events set hold_seconds = 0`)
	w.refused("ticket_types_price_cents_check", `update ticket_types set price_cents = -1`)
	w.refused("capacity_changes_capacity_check", `update capacity_changes set capacity = -1`)
	o := w.reserve(w.Fan(), 1)
	w.refused("orders_hold_seconds_check", `update orders set hold_seconds = -1`)
	// An order's type is of its event.
	other, err := w.DB.CreateEvent(w.Ctx, w.Admin, base.Show("other"))
	w.Check(err)
	w.refused("orders_ticket_type_id_event_id_fkey", `update orders set event_id = $1 where id = $2`, other.ID, o.ID)
}
