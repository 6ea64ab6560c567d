package views

import (
	"context"

	"github.com/a-h/templ"

	"guiche/store"
)

// orderState is how an order in a state is shown.
type orderState struct {
	word string // key of its name
	tone string // class of its badge; a plain badge has none
	icon string // beside the headline of its page, if any
	part func(Frame, OrderModel) templ.Component
}

// orderStates has an entry for each of store.OrderStatuses; a test reports whatever a state lacks.
var orderStates = map[store.OrderStatus]orderState{
	store.Queued:         {"status.queued", "tag-calm", "", orderInLine},
	store.Waiting:        {"status.waiting", "tag-calm", "", orderInLine},
	store.Reserved:       {"status.reserved", "tag-calm", "ticket", orderReserved},
	store.Paid:           {"status.paid", "tag-good", "check", orderPaid},
	store.Refunded:       {"status.refunded", "", "back", orderPaid},
	store.SoldOut:        {"status.sold_out", "tag-stop", "stop", orderEnded},
	store.OverLimit:      {"status.over_limit", "tag-stop", "stop", orderEnded},
	store.Left:           {"status.left", "", "", orderEnded},
	store.Expired:        {"status.expired", "tag-stop", "clock", orderEnded},
	store.OrderCancelled: {"status.cancelled", "tag-stop", "stop", orderEnded},
}

// statusWord is the name of an order's state.
func statusWord(ctx context.Context, s store.OrderStatus) string {
	if state, ok := orderStates[s]; ok {
		return T(ctx, state.word)
	}
	return string(s)
}

// statusTone is the CSS class that colours the badge of a state.
func statusTone(s store.OrderStatus) string { return orderStates[s].tone }

func stateIcon(m OrderModel) string {
	if m.shopCancelled() {
		return "stop"
	}
	if m.status() == store.Paid && m.blocked() {
		return "stop"
	}
	return orderStates[m.status()].icon
}
