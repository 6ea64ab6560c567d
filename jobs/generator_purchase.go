package jobs

import (
	"context"

	"guiche/store"
)

// purchases serves the orders at the head of the line.
func (g *Generator) purchases(ctx context.Context, tasks []task) (poison map[string]bool, err error) {
	poison = map[string]bool{}
	var orders []store.QueuedOrder
	asked := map[int64]bool{}
	gone := map[int64]bool{}
	for _, t := range tasks {
		p, err := decodePurchase(t.payload)
		if t.kind != kindPurchase || err != nil {
			poison[t.id] = true
			continue
		}
		if !asked[p.Order.EventID] {
			asked[p.Order.EventID] = true
			known, err := g.cache.Snapshot(ctx, p.Order.EventID)
			if err != nil {
				return nil, err
			}
			for id := range known.Gone() {
				gone[id] = true
			}
		}
		orders = append(orders, p.Order)
	}
	if len(orders) == 0 {
		return poison, nil
	}
	out, err := g.leader.Decide(orders, gone, decide)
	if store.Refused(err) && len(orders) > 1 {
		return g.oneByOne(ctx, tasks, g.purchases)
	}
	if store.Refused(err) {
		g.log.Error("order can never be decided", "order", orders[0].ID, "error", err)
		poison[orders[0].ID.String()] = true
		out = store.Outcome{} // its turn has passed nevertheless
	} else if err != nil {
		return nil, err
	}
	passed := store.Passed{}
	for _, o := range orders {
		if !out.Parked[o.EventID] {
			passed.Add(o)
		}
	}
	return poison, g.tell(ctx, out, passed)
}

// oneByOne finds which task of a batch Postgres refuses.
func (g *Generator) oneByOne(ctx context.Context, tasks []task, settle batch) (poison map[string]bool, err error) {
	poison = map[string]bool{}
	for _, t := range tasks {
		bad, err := settle(ctx, []task{t})
		if err != nil {
			return nil, err
		}
		for id := range bad {
			poison[id] = true
		}
	}
	return poison, nil
}
