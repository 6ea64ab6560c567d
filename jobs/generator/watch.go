package generator

import (
	"context"
	"slices"
	"time"

	"guiche/jobs"
	"guiche/jobs/line"
)

const (
	// watchEvery is how often an idle generator looks for tasks that are in hand of nobody.
	watchEvery = time.Second
	// pulseTime is how old the last answer of Postgres may be for this process to say that it leads.
	pulseTime = 3 * time.Second
)

// watch finds tasks that asynq handed over in a reply that was lost: nobody works on them, and no later task would ever
// claim them when the line is idle. One that is seen twice while nothing was served goes back to the head. It also tells
// everybody that the leader lives.
func (g *Generator) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	seen, before := map[string][]string{}, -1
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if known, err := g.line.Ready(ctx); err == nil && !known {
			g.die(line.ErrEmptied)
		}
		if g.pulse.Since() < pulseTime { // else Postgres does not answer, and nobody decides
			if err := g.line.Leads(ctx, g.leader.Epoch()); err != nil && ctx.Err() == nil {
				g.log.Warn("the leader's sign of life", "error", err)
			}
		}
		if !g.one.TryLock() {
			continue // busy: the claim takes orphans itself
		}
		idle := g.served == before
		before = g.served
		for _, queue := range []string{jobs.QueueReleases, jobs.QueuePurchases} {
			ids, err := g.line.InHand(ctx, queue)
			if err == nil && idle && len(ids) > 0 && slices.Equal(ids, seen[queue]) {
				g.log.Warn("tasks that nobody works on go back to the head", "queue", queue, "tasks", len(ids))
				err = g.line.PutBack(ctx, g.leader.Epoch(), queue)
			}
			if err != nil && ctx.Err() == nil {
				g.log.Warn("watch", "error", err)
			}
			seen[queue] = ids
		}
		g.one.Unlock()
	}
}
