package generator

import (
	"context"
	"time"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// tell spreads what a transaction changed: counts, freed places and the head of each line to the cache, deadlines and
// refunds to the worker, and last the news that wake the web processes. It can be repeated.
func (g *Generator) tell(ctx context.Context, out store.Outcome, passed line.Passed) error {
	if err := g.line.Tell(ctx, out, passed); err != nil {
		return err
	}
	var given jobs.Issued
	armed := map[int64]bool{}
	for _, o := range out.Orders {
		g.metrics.decisions.WithLabelValues(string(o.Status)).Inc()
		if second := o.ReservedUntil.Unix(); o.Status == store.Reserved && !armed[second] {
			armed[second] = true
			given.Until = append(given.Until, o.ReservedUntil.Truncate(time.Second))
		}
	}
	if len(given.Until) > 0 {
		if err := g.nudges.Issued(ctx, given); err != nil {
			return err
		}
	}
	for _, id := range out.Refunds {
		if err := g.nudges.PayBack(ctx, id); err != nil {
			return err
		}
	}
	return g.line.Announce(ctx, out, passed)
}
