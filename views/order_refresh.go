package views

import (
	"context"
	"time"

	"guiche/store"
)

// orderRefresh is after how many seconds a browser without JavaScript reloads the page: late enough to copy a Pix code.
// Up to two seconds of jitter, taken from the order's id, keep a crowd from reloading together.
func orderRefresh(m OrderModel) int {
	switch {
	case !m.Changing():
		return 0
	case m.Order.Status == store.Reserved && m.openCharge() != nil:
		return 15
	}
	return int(orderLook(m).Seconds()) + int(m.Order.ID[len(m.Order.ID)-1]%3)
}

// orderLook is how often a page polls when live updates do not reach it: the nearer its turn, the more often.
func orderLook(m OrderModel) time.Duration {
	switch {
	case !m.Order.Status.Open():
		return 10 * time.Second
	case m.Place <= 100:
		return 4 * time.Second
	case m.Place <= 2000:
		return 10 * time.Second
	}
	return 30 * time.Second
}

// timeUpWords is what a screen reader announces when the page was loaded again because the countdown reached zero.
func timeUpWords(ctx context.Context, f Frame, m OrderModel) string {
	if m.Order.Status == store.Reserved && !f.Now.Before(m.Order.ReservedUntil) {
		return headline(ctx, f, m)
	}
	return ""
}
