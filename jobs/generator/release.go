package generator

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// serveReleases carries out a release and those waiting behind it, in one claim.
func (g *Generator) serveReleases(ctx context.Context, own string) fate {
	b := newBatch(jobs.QueueReleases, own)
	for _, stage := range g.stages(ctx, b, ClaimMost) {
		g.persist(stage)
	}
	return b.fate[own]
}

// releases takes stock back and changes capacities, in the order in which that was asked: neighbours of one kind share a
// transaction, up to a bounded number of rows.
func (g *Generator) releases(ctx context.Context, b *batch) error {
	if g.untold != nil {
		if err := g.spread(ctx, *g.untold); err != nil {
			return err
		}
	}
	for start := 0; start < len(b.tasks); {
		end, rows := start+1, jobs.CountIDs(b.tasks[start].Payload)
		for ; end < len(b.tasks) && sameKind(b.tasks[start], b.tasks[end]); end++ {
			if rows += jobs.CountIDs(b.tasks[end].Payload); rows > ClaimMost {
				break
			}
		}
		if err := g.release(ctx, b, b.tasks[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

func sameKind(a, b line.Task) bool { return a.Kind == b.Kind && a.Version == b.Version }

// release carries out tasks of one kind. If Postgres refuses what they ask for, they go one by one.
func (g *Generator) release(ctx context.Context, b *batch, tasks []line.Task) error {
	serve, known := releaseKinds[tasks[0].Kind]
	if !known || !jobs.Known(tasks[0].Kind, tasks[0].Version) {
		for _, t := range tasks {
			b.fate[t.ID] = later
			if t.Kind == "" { // nobody can read it
				b.fate[t.ID] = poison
			}
		}
		return nil
	}
	unreadable, err := serve(g, ctx, tasks)
	for _, id := range unreadable {
		b.fate[id] = poison
	}
	if !store.Refused(err) {
		return err
	}
	if len(tasks) == 1 {
		g.log.Error("release can never be done", "task", tasks[0].ID, "error", err)
		b.fate[tasks[0].ID] = poison
		return nil
	}
	for _, t := range tasks {
		if err := g.release(ctx, b, []line.Task{t}); err != nil {
			return err
		}
	}
	return nil
}

// spread tells what a transaction of the releases changed. That is kept until it worked: when the batch is tried again
// in place, its transactions find nothing left to change, and the cache would go on without what came back.
func (g *Generator) spread(ctx context.Context, t told) error {
	g.untold = &t
	if err := g.line.AddLeavers(ctx, parkedLeavers(t.out.Orders)); err != nil {
		return err
	}
	if err := g.tell(ctx, t.out, t.passed); err != nil {
		return err
	}
	g.untold = nil
	return nil
}

// tellAll tells of a release, and goes on until everybody who was waiting in vain has heard so.
func (g *Generator) tellAll(ctx context.Context, out store.Outcome) error {
	for {
		if err := g.spread(ctx, told{out: out}); err != nil || len(out.More) == 0 {
			return err
		}
		var err error
		if out, err = g.leader.ServeReturnList(out.More); err != nil {
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
			out, err := g.leader.DecideParked(id, ClaimMost, Decide)
			if err != nil {
				return err
			}
			passed := line.Passed{}
			for _, o := range out.Orders {
				passed.Add(o.QueuedOrder)
			}
			if err := g.spread(ctx, told{out, passed}); err != nil {
				return err
			}
			if len(out.Orders) < ClaimMost {
				break
			}
		}
	}
	return nil
}

// leave lets fans out: of the line if their turn has not come, else out of their holds.
func (g *Generator) leave(ctx context.Context, ids []uuid.UUID) error {
	orders, err := g.line.FindAll(ctx, ids)
	if err != nil {
		return err
	}
	if len(orders) > 0 {
		out, err := g.leader.LeaveLine(orders)
		if err != nil {
			return err
		}
		if err := g.line.AddLeavers(ctx, orders); err != nil {
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
