package views

import (
	"context"

	"guiche/store"
)

// orderTitle is the state of an order as the narrow tab of a browser can show it, before the name of the event.
func orderTitle(ctx context.Context, f Frame, m OrderModel) string {
	return T(ctx, "title.order", "State", titleState(ctx, f, m), "Event", m.Event.Name)
}

func titleState(ctx context.Context, f Frame, m OrderModel) string {
	switch s := m.status(); {
	case m.shopCancelled():
		return statusWord(ctx, store.OrderCancelled)
	case s == store.Queued && m.Place > 0:
		return Ordinal(ctx, m.Place)
	case s == store.Waiting && m.Place > 0:
		return T(ctx, "title.waiting", "Place", Ordinal(ctx, m.Place))
	case s != store.Reserved:
		return statusWord(ctx, s)
	case paidAlready(m):
		return T(ctx, "order.captured")
	case m.pending():
		return T(ctx, "title.bank")
	case !f.Now.Before(m.Order.ReservedUntil):
		return T(ctx, "title.time_up")
	case m.told():
		return T(ctx, "title.bank")
	}
	return T(ctx, "title.reserved", "Time", Countdown(m.Order.ReservedUntil.Sub(f.Now)))
}
