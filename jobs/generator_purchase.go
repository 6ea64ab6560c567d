package jobs

import (
	"context"
	"fmt"
	"sync"

	"guiche/store"
)

// batch is a claim of the line on its way through the three hands of the generator.
type batch struct {
	tasks  []task
	orders []store.QueuedOrder // those that can be read
	gone   map[int64]bool      // ticket types of which the cache knows that nothing is left
	poison map[string]bool     // ids of tasks that can never be decided
	told   []told
}

// told is one transaction and how far it moved the lines.
type told struct {
	out    store.Outcome
	passed store.Passed
}

// servePurchases serves the line until it is empty, a release waits, or the role stops. Three hands work on three
// batches at once: one claims and reads the next, one decides and writes, one tells and acknowledges the last. Each
// keeps the order, so the line does; a crash leaves all three in hand, and the next leader starts from the oldest.
func (g *Generator) servePurchases(ctx context.Context, own string) (ownIsPoison bool) {
	claimed, decided := make(chan *batch, 1), make(chan *batch, 1)
	var hands sync.WaitGroup
	hands.Go(func() {
		defer close(claimed)
		g.guard(func() { g.claimLine(ctx, own, claimed) })
	})
	hands.Go(func() {
		g.guard(func() {
			for b := range decided {
				ownIsPoison = ownIsPoison || b.poison[own]
				g.finish(ctx, own, b)
			}
		})
	})
	for b := range claimed {
		g.persist(func() error { return g.decideBatch(b) })
		decided <- b
	}
	close(decided)
	hands.Wait()
	g.persist(func() error {
		return g.line.acknowledge(ctx, g.leader.Epoch(), queuePurchases, own, nil, nil, true)
	})
	return ownIsPoison
}

// claimLine claims and reads batches as long as there are any: the first with the task that asynq handed over, and
// with orphans.
func (g *Generator) claimLine(ctx context.Context, own string, claimed chan<- *batch) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%d:%d:%d", g.leader.Epoch(), g.served, n)
		var tasks []task
		g.persist(func() (err error) {
			if n == 0 {
				tasks, err = g.line.claim(ctx, g.leader.Epoch(), queuePurchases, own, claimMost)
			} else {
				tasks, err = g.line.claimNext(ctx, g.leader.Epoch(), queuePurchases, own, claimMost, name)
			}
			return err
		})
		if len(tasks) == 0 {
			return
		}
		g.metrics.claimed.Observe(float64(len(tasks)))
		b := &batch{tasks: tasks, poison: map[string]bool{}}
		g.persist(func() error { return g.read(ctx, b) })
		claimed <- b
		if g.stop.Err() != nil {
			return
		}
	}
}

// read takes the orders out of their tasks and asks the cache what is gone. What it says of that stays true while the
// line is served: stock comes back through releases only.
func (g *Generator) read(ctx context.Context, b *batch) error {
	b.orders, b.gone = b.orders[:0], map[int64]bool{}
	asked := map[int64]bool{}
	for _, t := range b.tasks {
		p, err := decodePurchase(t.payload)
		if t.kind != kindPurchase || err != nil {
			b.poison[t.id] = true
			continue
		}
		b.orders = append(b.orders, p.Order)
		if asked[p.Order.EventID] {
			continue
		}
		asked[p.Order.EventID] = true
		known, err := g.cache.Snapshot(ctx, p.Order.EventID)
		if err != nil {
			return err
		}
		for id := range known.Gone() {
			b.gone[id] = true
		}
	}
	return nil
}

// decideBatch decides and writes a batch in one transaction; one that Postgres refuses goes order by order, to find
// out which of them can never be written.
func (g *Generator) decideBatch(b *batch) error {
	b.told = nil
	if len(b.orders) == 0 {
		return nil
	}
	err := g.decideOrders(b, b.orders)
	if !store.Refused(err) {
		return err
	}
	for i, o := range b.orders {
		err := g.decideOrders(b, b.orders[i:i+1])
		if store.Refused(err) {
			g.log.Error("order can never be decided", "order", o.ID, "error", err)
			b.poison[o.ID.String()] = true
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *Generator) decideOrders(b *batch, orders []store.QueuedOrder) error {
	out, err := g.leader.Decide(orders, b.gone, decide)
	if err != nil && !store.Refused(err) {
		return err
	}
	if err != nil && len(orders) > 1 {
		return err
	}
	passed := store.Passed{}
	for _, o := range orders {
		if !out.Parked[o.EventID] { // the turn of a refused one has passed as well
			passed.Add(o)
		}
	}
	b.told = append(b.told, told{out, passed})
	return err
}

// finish tells what became of a batch and acknowledges it, but for the task that asynq handed over.
func (g *Generator) finish(ctx context.Context, own string, b *batch) {
	for _, t := range b.told {
		g.persist(func() error { return g.tell(ctx, t.out, t.passed) })
	}
	done, aside := g.settled(queuePurchases, own, b.tasks, b.poison)
	g.persist(func() error {
		return g.line.acknowledge(ctx, g.leader.Epoch(), queuePurchases, own, done, aside, false)
	})
}
