package jobs

import (
	"context"

	"github.com/google/uuid"

	"guiche/store"
)

// tell spreads what a transaction changed: the counts to the cache, freed places to the line, deadlines to the worker,
// and last the news that wake the web processes. It can be repeated.
func (g *Generator) tell(ctx context.Context, out store.Outcome) error {
	if err := g.cache.Put(ctx, out); err != nil {
		return err
	}
	news := map[int64]*store.News{}
	about := func(eventID int64) *store.News {
		if news[eventID] == nil {
			news[eventID] = &store.News{EventID: eventID}
		}
		return news[eventID]
	}
	for _, c := range out.Counts {
		about(c.EventID)
	}
	var given issued
	for _, o := range out.Orders {
		about(o.EventID).Orders = append(about(o.EventID).Orders, o.ID)
		g.metrics.decisions.WithLabelValues(string(o.Status)).Inc()
		if o.Status == store.Reserved {
			given.Until = append(given.Until, o.ReservedUntil)
		}
		if !o.Status.Open() {
			if err := g.line.Close(ctx, o.EventID, o.AccountID, o.ID); err != nil {
				return err
			}
		}
	}
	if len(given.Until) > 0 {
		if err := g.nudges.issued(ctx, given); err != nil {
			return err
		}
	}
	for _, n := range news {
		if err := g.cache.Publish(ctx, *n); err != nil {
			return err
		}
	}
	return nil
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
