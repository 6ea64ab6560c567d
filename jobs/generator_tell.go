package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// tell spreads what a transaction changed: counts, freed places and the head of each line to the cache, deadlines to
// the worker, and last the news that wake the web processes. It can be repeated.
func (g *Generator) tell(ctx context.Context, out store.Outcome, passed store.Passed) error {
	if err := g.cache.Tell(ctx, out, passed); err != nil {
		return err
	}
	var given issued
	armed := map[int64]bool{}
	for _, o := range out.Orders {
		g.metrics.decisions.WithLabelValues(string(o.Status)).Inc()
		if second := o.ReservedUntil.Unix(); o.Status == store.Reserved && !armed[second] {
			armed[second] = true
			given.Until = append(given.Until, o.ReservedUntil.Truncate(time.Second))
		}
	}
	if len(given.Until) > 0 {
		if err := g.nudges.issued(ctx, given); err != nil {
			return err
		}
	}
	return g.cache.Announce(ctx, out, passed)
}

// announce tells of orders that changed without the line: money came or went.
func announce(ctx context.Context, cache *store.Cache, line *Line, o store.Order) error {
	if !o.Status.Open() {
		if err := line.Close(ctx, o.EventID, o.AccountID, o.ID); err != nil {
			return err
		}
	}
	return cache.Publish(ctx, store.News{EventID: o.EventID, Orders: []uuid.UUID{o.ID}})
}
