package jobs

import (
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"guiche/store"
)

// serveReleases settles what waits behind a release as well, in one claim.
func (g *Generator) serveReleases(ctx context.Context, own string) (ownIsPoison bool) {
	var tasks []task
	g.persist(func() (err error) {
		tasks, err = g.line.claim(ctx, g.leader.Epoch(), queueReleases, own, claimMost)
		return err
	})
	g.metrics.claimed.Observe(float64(len(tasks)))
	var poison map[string]bool
	g.persist(func() (err error) {
		poison, err = g.releases(ctx, tasks)
		return err
	})
	done, aside := g.settled(queueReleases, own, tasks, poison)
	g.persist(func() error {
		return g.line.acknowledge(ctx, g.leader.Epoch(), queueReleases, own, done, aside, true)
	})
	return poison[own]
}

// releases takes stock back and changes capacities: neighbours of one kind in one transaction, in the order of asking,
// as long as that is about few enough rows.
func (g *Generator) releases(ctx context.Context, tasks []task) (poison map[string]bool, err error) {
	if g.untold != nil {
		if err := g.spread(ctx, *g.untold); err != nil {
			return nil, err
		}
	}
	poison = map[string]bool{}
	for start := 0; start < len(tasks); {
		end, rows := start+1, countIDs(tasks[start].payload)
		for ; end < len(tasks) && tasks[end].kind == tasks[start].kind; end++ {
			if rows += countIDs(tasks[end].payload); rows > claimMost {
				break
			}
		}
		bad, err := g.release(ctx, tasks[start:end])
		if err != nil {
			return nil, err
		}
		for id := range bad {
			poison[id] = true
		}
		start = end
	}
	return poison, nil
}

// release settles tasks of one kind.
func (g *Generator) release(ctx context.Context, tasks []task) (poison map[string]bool, err error) {
	poison = map[string]bool{}
	var ids []uuid.UUID
	var numbers []int64 // of capacity changes, ticket types or events
	for _, t := range tasks {
		switch t.kind {
		case kindExpire, kindLeave, kindReturn, kindLate:
			its, err := parseIDs(t.payload)
			if err != nil {
				poison[t.id] = true
				continue
			}
			ids = append(ids, its...)
		case kindCapacity, kindSettle, kindResume, kindCancel:
			id, err := strconv.ParseInt(string(t.payload), 10, 64)
			if err != nil {
				poison[t.id] = true
				continue
			}
			numbers = append(numbers, id)
		default:
			poison[t.id] = true
		}
	}
	var out store.Outcome
	switch {
	case len(ids)+len(numbers) == 0:
		return poison, nil
	case tasks[0].kind == kindExpire:
		out, err = g.leader.Expire(ids)
	case tasks[0].kind == kindLeave:
		err = g.leave(ctx, ids) // it tells by itself
	case tasks[0].kind == kindReturn:
		out, err = g.leader.Return(ids)
	case tasks[0].kind == kindLate:
		out, err = g.leader.TakeLate(ids)
	case tasks[0].kind == kindCapacity:
		out, err = g.leader.SetCapacity(numbers)
	case tasks[0].kind == kindSettle:
		out, err = g.leader.Settle(numbers)
	case tasks[0].kind == kindCancel:
		err = g.cancel(ctx, numbers) // it tells by itself
	default:
		err = g.resume(ctx, numbers) // it tells by itself
	}
	if store.Refused(err) && len(tasks) > 1 {
		return g.oneByOne(ctx, tasks)
	}
	if store.Refused(err) {
		g.log.Error("release can never be done", "task", tasks[0].id, "error", err)
		poison[tasks[0].id] = true
		return poison, nil
	}
	if err != nil {
		return nil, err
	}
	return poison, g.tellAll(ctx, out)
}

// oneByOne finds which task of a batch Postgres refuses.
func (g *Generator) oneByOne(ctx context.Context, tasks []task) (poison map[string]bool, err error) {
	poison = map[string]bool{}
	for _, t := range tasks {
		bad, err := g.release(ctx, []task{t})
		if err != nil {
			return nil, err
		}
		for id := range bad {
			poison[id] = true
		}
	}
	return poison, nil
}

// spread tells what a transaction of the releases changed. That is kept until it worked: when the batch is tried again
// in place, its transactions find nothing left to change, and the cache would go on without what came back.
func (g *Generator) spread(ctx context.Context, t told) error {
	g.untold = &t
	if err := g.cache.AddLeavers(ctx, parkedLeavers(t.out.Orders)); err != nil {
		return err
	}
	if err := g.tell(ctx, t.out, t.passed); err != nil {
		return err
	}
	g.untold = nil
	return nil
}

// tellAll tells of a release, and goes on until everybody who waited for nothing has heard so.
func (g *Generator) tellAll(ctx context.Context, out store.Outcome) error {
	for {
		if err := g.spread(ctx, told{out: out}); err != nil || len(out.More) == 0 {
			return err
		}
		var err error
		if out, err = g.leader.Settle(out.More); err != nil {
			return err
		}
	}
}

// resume serves events that were paused: those who wait get what came back, then what was parked is decided, in order
// and before anything newer of theirs.
func (g *Generator) resume(ctx context.Context, eventIDs []int64) error {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(eventIDs))) {
		out, err := g.leader.Resume(id)
		if err != nil {
			return err
		}
		if err := g.tellAll(ctx, out); err != nil {
			return err
		}
		for {
			out, err := g.leader.DecideParked(id, claimMost, decide)
			if err != nil {
				return err
			}
			passed := store.Passed{}
			for _, o := range out.Orders {
				passed.Add(o.QueuedOrder)
			}
			if err := g.spread(ctx, told{out, passed}); err != nil {
				return err
			}
			if len(out.Orders) < claimMost {
				break
			}
		}
	}
	return nil
}

// leave lets fans out: of the line if their turn has not come, else out of their holds.
func (g *Generator) leave(ctx context.Context, ids []uuid.UUID) error {
	places, err := g.line.findAll(ctx, ids)
	if err != nil {
		return err
	}
	var orders []store.QueuedOrder
	for _, p := range places {
		orders = append(orders, p.Order)
	}
	if len(orders) > 0 {
		out, err := g.leader.LeaveLine(orders)
		if err != nil {
			return err
		}
		if err := g.cache.AddLeavers(ctx, orders); err != nil {
			return err
		}
		if err := g.tell(ctx, out, nil); err != nil {
			return err
		}
	}
	out, err := g.leader.Leave(ids)
	if err != nil {
		return err
	}
	return g.tellAll(ctx, out)
}

// parkedLeavers are the orders that left before their turn came although they had a row.
func parkedLeavers(orders []store.Order) (leavers []store.QueuedOrder) {
	for _, o := range orders {
		if o.Status == store.Left && o.WaitedAt.IsZero() && o.ReservedUntil.IsZero() {
			leavers = append(leavers, o.QueuedOrder)
		}
	}
	return leavers
}
