package generator

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// servePurchases serves the line until it is empty, a release waits, or the role stops. Three batches are on their way
// at once: one is claimed and read, one is decided and written, one is told and acknowledged. Each stage keeps the order,
// and so the line does; a crash leaves all three claimed, and the next leader starts with the oldest.
func (g *Generator) servePurchases(ctx context.Context, own string) (its fate) {
	claimed, decided := make(chan *batch, 1), make(chan *batch, 1)
	var stages sync.WaitGroup
	stages.Go(func() {
		defer close(claimed)
		g.guard(func() { g.claimLine(ctx, own, claimed) })
	})
	stages.Go(func() {
		g.guard(func() {
			for b := range decided {
				its = max(its, b.fate[own])
				g.finish(ctx, b)
			}
		})
	})
	for b := range claimed {
		g.persist(func() error { return g.decide(b) })
		decided <- b
	}
	close(decided)
	stages.Wait()
	g.persist(func() error {
		return g.line.Acknowledge(ctx, g.leader.Epoch(), jobs.QueuePurchases, own, line.Fates{}, true)
	})
	return its
}

// claimLine claims and reads batches as long as there are any: the first with the task that asynq delivered, and
// with orphans.
func (g *Generator) claimLine(ctx context.Context, own string, claimed chan<- *batch) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%d:%d:%d", g.leader.Epoch(), g.served, n)
		b := newBatch(jobs.QueuePurchases, own)
		g.persist(func() (err error) {
			if n == 0 {
				b.tasks, err = g.line.Claim(ctx, g.leader.Epoch(), b.queue, own, ClaimMost)
			} else {
				b.tasks, err = g.line.ClaimNext(ctx, g.leader.Epoch(), b.queue, own, ClaimMost, name)
			}
			return err
		})
		if len(b.tasks) == 0 {
			return
		}
		g.metrics.claimed.Observe(float64(len(b.tasks)))
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
	var events []int64
	asked := map[int64]bool{}
	for _, t := range b.tasks {
		o, its := readPurchase(t)
		if its != done {
			b.fate[t.ID] = its
			continue
		}
		b.orders = append(b.orders, o)
		if !asked[o.EventID] {
			asked[o.EventID] = true
			events = append(events, o.EventID)
		}
	}
	if len(events) == 0 {
		return nil
	}
	snapshots, err := g.line.Snapshots(ctx, events...)
	for _, known := range snapshots {
		for id := range known.Gone() {
			b.gone[id] = true
		}
	}
	return err
}

// readPurchase takes the order out of a task. What cannot be read at all, or is no purchase, has come here by mistake.
func readPurchase(t line.Task) (o store.QueuedOrder, its fate) {
	if t.Kind != "" && !jobs.Known(t.Kind, t.Version) {
		return o, later
	}
	o, err := jobs.DecodePurchase(t.Payload)
	if t.Kind != jobs.KindPurchase || err != nil {
		return o, poison
	}
	return o, done
}

// decide decides and writes a batch in one transaction; one that Postgres refuses goes order by order, to find out
// which of them can never be written.
func (g *Generator) decide(b *batch) error {
	b.told, b.aside = nil, nil
	if len(b.orders) == 0 {
		return nil
	}
	err := g.decideOrders(b, b.orders)
	if !store.Refused(err) {
		return err
	}
	for i, o := range b.orders {
		err := g.decideOrders(b, b.orders[i:i+1])
		if store.NumberTaken(err) {
			return g.distrust(err, o)
		}
		if store.Refused(err) {
			g.log.Error("order can never be decided", "order", o.ID, "error", err)
			b.fate[o.ID.String()] = poison
			b.aside = append(b.aside, o)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *Generator) decideOrders(b *batch, orders []store.QueuedOrder) error {
	start := time.Now()
	out, err := g.leader.Decide(orders, b.gone, Decide)
	if err != nil && !store.Refused(err) {
		return err
	}
	if err != nil && len(orders) > 1 {
		return err
	}
	if err == nil {
		g.logBatch(orders, out, time.Since(start))
	}
	passed := line.Passed{}
	for _, o := range orders {
		if !out.Parked[o.EventID] { // the turn of a refused one has passed as well
			passed.Add(o)
		}
	}
	b.told = append(b.told, told{out, passed})
	return err
}

// logBatch is one line for one transaction: by its number in the line an order is found in it.
func (g *Generator) logBatch(orders []store.QueuedOrder, out store.Outcome, took time.Duration) {
	numbers, became := map[int64][2]int64{}, map[store.OrderStatus]int{}
	for _, o := range orders {
		its, known := numbers[o.EventID]
		if !known {
			its = [2]int64{o.Number, o.Number}
		}
		numbers[o.EventID] = [2]int64{min(its[0], o.Number), max(its[1], o.Number)}
	}
	for _, o := range out.Orders {
		became[o.Status]++
	}
	g.log.Info("batch decided", "epoch", out.Epoch, "batch", out.Batch, "orders", len(orders), "numbers", numbers,
		"became", became, "ms", took.Milliseconds())
}

// tellBatch tells what became of a batch.
func (g *Generator) tellBatch(ctx context.Context, b *batch) error {
	for _, t := range b.told {
		if err := g.tell(ctx, t.out, t.passed); err != nil {
			return err
		}
	}
	// Their accounts may join again. Whoever asks before the task is set aside hears that the decision is on its way.
	for _, o := range b.aside {
		if err := g.line.Close(ctx, o.EventID, o.AccountID, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// finish tells what became of a batch and acknowledges it, except the task that asynq delivered.
func (g *Generator) finish(ctx context.Context, b *batch) {
	g.persist(func() error { return g.tellBatch(ctx, b) })
	fates := g.sort(b)
	g.persist(func() error {
		return g.line.Acknowledge(ctx, g.leader.Epoch(), b.queue, b.own, fates, false)
	})
	for _, o := range b.aside {
		news := line.News{EventID: o.EventID, Orders: []uuid.UUID{o.ID}}
		if err := g.line.Publish(ctx, news); err != nil { // a hint
			g.log.Warn("an order that was set aside is not announced", "order", o.ID, "error", err)
		}
	}
}
