package jobs

import (
	"context"
	"fmt"

	"guiche/store"
)

// purchase serves the order at the head of the line.
func (g *Generator) purchase(ctx context.Context, payload []byte) error {
	p, err := decodePurchase(payload)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	known, err := g.cache.Snapshot(ctx, p.Order.EventID)
	if err != nil {
		return err
	}
	out, err := g.leader.Decide([]store.QueuedOrder{p.Order}, known.Gone(), decide)
	if err != nil {
		return err
	}
	if err := g.cache.Pass(ctx, p.Order, int64(p.Before)+int64(p.Order.Quantity)); err != nil {
		return err
	}
	return g.tell(ctx, out)
}
