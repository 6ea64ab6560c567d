package views

import (
	"slices"
	"testing"
	"time"

	"guiche/store"
)

// Whoever paid in time and gave her tickets back a day later never saw the end of the time to pay.
func TestADeadlineThatNeverCameIsNotTold(t *testing.T) {
	decided := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	until := decided.Add(10 * time.Minute)
	order := func(change func(*store.Order)) OrderModel {
		o := store.Order{Status: store.Expired, DecidedAt: decided, ReservedUntil: until}
		o.Quantity, o.PriceCents = 1, 1000
		change(&o)
		return OrderModel{Order: o}
	}
	for name, c := range map[string]struct {
		m    OrderModel
		told bool
	}{
		"expired":     {order(func(o *store.Order) { o.EndedAt = until }), true},
		"left before": {order(func(o *store.Order) { o.Status, o.EndedAt = store.Left, decided.Add(time.Minute) }), false},
		"paid":        {order(func(o *store.Order) { o.Status, o.PaidAt = store.Paid, decided.Add(time.Minute) }), false},
		"paid, refunded": {order(func(o *store.Order) {
			o.Status, o.PaidAt, o.EndedAt = store.Refunded, decided.Add(time.Minute), until.Add(time.Hour)
		}), false},
		"paid late": {order(func(o *store.Order) {
			o.Status, o.PaidAt, o.LateAt = store.Paid, until.Add(time.Hour), until.Add(time.Hour)
		}), true},
	} {
		if told := slices.ContainsFunc(c.m.story(), func(s step) bool { return s.key == "story.deadline" }); told != c.told {
			t.Errorf("%s: told %v", name, told)
		}
	}
}
