package generator

import (
	"context"
	"slices"

	"guiche/jobs/line"
)

// cancelMost is how many orders of a cancelled event one transaction ends.
const cancelMost = 1000

// endCancelled ends the open orders of cancelled events, and says so when nothing is left of one. Those that are still in line
// end when their turn comes.
func (g *Generator) endCancelled(ctx context.Context, eventIDs []int64) error {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(eventIDs))) {
		for more := true; more; {
			out, err := g.leader.EndCancelled(id, cancelMost)
			if err != nil {
				return err
			}
			passed := line.Passed{}
			for _, o := range out.Orders {
				if o.WaitedAt.IsZero() && o.ReservedUntil.IsZero() { // it was parked
					passed.Add(o.QueuedOrder)
				}
			}
			if err := g.spread(ctx, told{out, passed}); err != nil {
				return err
			}
			more = len(out.Orders) == cancelMost
		}
		known, err := g.line.Snapshot(ctx, id)
		if err != nil {
			return err
		}
		if known.InLine() > 0 {
			continue // the worker comes again
		}
		if err := g.leader.FinishCancelled(id); err != nil {
			return err
		}
	}
	return nil
}
