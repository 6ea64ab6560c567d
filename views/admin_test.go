package views

import (
	"testing"
	"time"

	"guiche/store"
)

func TestBooksBalance(t *testing.T) {
	good := Books{Capacity: 10, Held: 1, Sold: 2, Free: 7, InLine: 5}
	if !good.Balanced() || !good.plus(good).Balanced() {
		t.Error("books that add up are called off")
	}
	for _, b := range []Books{{Capacity: 10, Held: 1, Sold: 2, Free: 6}, {Capacity: 10, Sold: 11}} {
		if b.Balanced() || b.plus(good).Balanced() {
			t.Errorf("%+v is called balanced", b)
		}
	}
}

func TestEventValuesAreInTheEventsZone(t *testing.T) {
	e := store.Event{TimeZone: "America/Sao_Paulo", StartsAt: time.Date(2026, 12, 13, 0, 0, 0, 0, time.UTC)}
	v := EventValues(e)
	if v["starts_at"] != "2026-12-12T21:00" {
		t.Errorf("starts_at is %s", v["starts_at"])
	}
	back, err := time.ParseInLocation(LocalTime, v["starts_at"], e.Location())
	if err != nil || !back.Equal(e.StartsAt) {
		t.Errorf("it comes back as %v, %v", back, err)
	}
	if _, ticked := v["refund_fee"]; ticked {
		t.Error("a fee that does not come back is ticked")
	}
}
