package chaos

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"guiche/journeys/world"
	"guiche/store"
)

// scenario is one way of money. Roles are killed from the moment on that it calls count.
type scenario struct {
	name     string
	capacity int
	play     func(p *play) []*buyer
}

// play is one time that a scenario is played.
type play struct {
	*shop
	t     *testing.T
	point *point // at which a role is killed, nil for none
	show  store.Event
}

var scenarios = []scenario{
	{"pay", 4, func(p *play) []*buyer {
		p.count()
		fan := p.reserved(2)
		fan.choose(fan.toPay(), "approve")
		fan.until("she has her tickets", `status = 'paid'`)
		return []*buyer{fan}
	}},
	{"declined, then paid", 4, func(p *play) []*buyer {
		fan := p.reserved(2)
		page := fan.toPay()
		p.count()
		fan.choose(page, "decline")
		fan.until("her card was declined", `exists (select from charges where order_id = o.id and status = 'failed')`)
		fan.choose(fan.toPay(), "approve")
		fan.until("she has her tickets", `status = 'paid'`)
		return []*buyer{fan}
	}},
	{"expired", 4, func(p *play) []*buyer {
		fan := p.reserved(2)
		fan.toPay()
		p.count()
		fan.lapse()
		fan.until("her hold is over", `status = 'expired'`)
		return []*buyer{fan}
	}},
	{"left", 4, func(p *play) []*buyer {
		fan := p.reserved(2)
		fan.toPay()
		p.count()
		fan.leave()
		return []*buyer{fan}
	}},
	{"late, still free", 4, func(p *play) []*buyer {
		fan := p.reserved(2)
		page := fan.toPay()
		fan.lapse()
		fan.until("her hold is over", `status = 'expired'`)
		p.count()
		fan.choose(page, "card")
		fan.until("she has her tickets", `status = 'paid'`)
		return []*buyer{fan}
	}},
	{"late, nobody tells", 4, func(p *play) []*buyer {
		fan := p.reserved(2)
		page := fan.toPay()
		fan.lapse()
		fan.until("her hold is over", `status = 'expired'`)
		p.count()
		p.deaf.Store(true)
		fan.choose(page, "card")
		p.minutesPass(p.t, p.show)
		fan.until("she has her tickets", `status = 'paid'`)
		return []*buyer{fan}
	}},
	{"late, taken", 2, func(p *play) []*buyer {
		fan := p.reserved(2)
		other := p.newBuyer(p.t, fan.show, 2)
		other.join()
		page := fan.toPay()
		p.count()
		fan.lapse()
		fan.until("her hold is over", `status = 'expired'`)
		fan.choose(page, "card")
		fan.until("she has her money back", `exists (select from refunds where order_id = o.id and status = 'done')`)
		return []*buyer{fan, other}
	}},
	{"one of two given back", 2, func(p *play) []*buyer {
		fan := p.reserved(2)
		fan.choose(fan.toPay(), "approve")
		fan.until("she has her tickets", `status = 'paid'`)
		p.count()
		fan.giveBack()
		fan.until("she has her money back", `exists (select from refunds where order_id = o.id and status = 'done' and released_at is not null)`)
		return []*buyer{fan}
	}},
	{"cancelled", 4, func(p *play) []*buyer {
		fan, other := p.reserved(2), p.reserved(2)
		fan.choose(fan.toPay(), "approve")
		fan.until("she has her tickets", `status = 'paid'`)
		other.toPay()
		p.count()
		p.cancel()
		fan.until("she has her money back", `status = 'refunded' and exists (select from refunds where order_id = o.id and status = 'done')`)
		other.until("her hold is over", `status = 'cancelled'`)
		return []*buyer{fan, other}
	}},
}

// cancel is what an admin does until it is done; everything else is left to the worker.
func (p *play) cancel() {
	p.t.Helper()
	admin := &buyer{shop: p.shop, t: p.t, show: p.show}
	admin.order.AccountID = p.admin
	admin.press("cancel a show as an admin", func(ctx context.Context) bool {
		return admin.post(ctx, fmt.Sprintf("/admin/events/%d/cancel", p.show.ID), url.Values{"name": {p.show.Name}}) != ""
	})
}

// count begins to count steps, and to wait for the one to kill at, once nothing of what came before is on its way.
func (p *play) count() {
	p.t.Helper()
	world.Eventually(p.t, "nothing is in hand", p.idle)
	p.begin(p.point)
}

// reserved is a fan for whom tickets are held.
func (p *play) reserved(quantity int) *buyer {
	p.t.Helper()
	fan := p.newBuyer(p.t, p.show, quantity)
	fan.join()
	return fan
}
