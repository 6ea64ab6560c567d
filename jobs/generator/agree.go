package generator

import (
	"context"

	"guiche/jobs/line"
	"guiche/store"
)

// outrank makes this reign the newest that Redis has heard of. If Postgres knows less of them it has gone back in time, and
// Redis is not to be believed either: that is written down first, so that a crash forgets nothing.
func (g *Generator) outrank(ctx context.Context) error {
	past, err := g.line.Past(ctx, nil)
	if err != nil || past.Epoch < g.leader.Epoch() {
		return err
	}
	g.log.Error("postgres is older than redis: what was decided last is lost", "epoch", g.leader.Epoch(), "redis_epoch", past.Epoch)
	if err := g.line.Distrust(ctx); err != nil {
		return err
	}
	return g.leader.RaiseEpoch(past.Epoch)
}

// agree sees to it that Redis and Postgres have the same past before anything is decided. A server that was restored, or
// that took over from one whose last moments it did not hear of, has gone back in time. Orders have the rows that they have:
// places, the return list and the counts are made of them anew, and who is still in line keeps the order, with new numbers,
// since the old ones may have been given twice.
func (g *Generator) agree(ctx context.Context) error {
	lines, err := g.leader.Lines()
	if err != nil {
		return err
	}
	past, err := g.line.Past(ctx, lines)
	if err != nil {
		return err
	}
	behind, ahead := past.Behind(lines), past.Ahead(lines)
	switch {
	case past.Epoch == 0:
		g.log.Warn("redis knows no line that is to be believed, and is told anew")
	case len(behind) > 0:
		g.log.Error("redis is older than postgres: who joined last may be lost", "events", behind)
	case len(ahead) > 0:
		g.log.Error("postgres is older than redis: what was decided last is lost", "events", ahead)
	default:
		return nil
	}
	rebuilt, err := g.leader.Rebuild(past.Joined)
	if err != nil {
		return err
	}
	if err := g.line.Rebuild(ctx, rebuilt); err != nil {
		return err
	}
	requeued, err := g.line.Requeue(ctx, rebuilt.Lines, g.leader.Undecided)
	if err != nil {
		return err
	}
	g.log.Warn("the lines are written anew", "lines", len(rebuilt.Lines), "open_orders", len(rebuilt.Open),
		"in_line", requeued.Orders, "set_aside", requeued.Aside)
	return nil
}

// distrust has the next leader write the lines anew, since a number was given twice: Redis was replaced by an older copy of
// itself under this leader. It ends this reign.
func (g *Generator) distrust(err error, o store.QueuedOrder) error {
	g.log.Error("a number in line was given twice: redis is older than postgres", "order", o.ID, "number", o.Number, "error", err)
	if err := g.line.Distrust(context.WithoutCancel(g.stop)); err != nil {
		return err
	}
	return line.ErrGivenTwice
}
