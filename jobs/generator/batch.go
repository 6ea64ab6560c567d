package generator

import (
	"context"
	"errors"
	"slices"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// batch is a claim of a queue on its way through the stages.
type batch struct {
	queue  string
	own    string // id of the task that asynq delivered
	tasks  []line.Task
	fate   map[string]fate // of tasks that are not done
	orders []store.QueuedOrder
	gone   map[int64]bool // ticket types that are sold out, as far as the cache knows
	told   []told
	aside  []store.QueuedOrder // that can never be decided
}

// told is one transaction and how far it moved the lines.
type told struct {
	out    store.Outcome
	passed line.Passed
}

func newBatch(queue, own string) *batch {
	return &batch{queue: queue, own: own, fate: map[string]fate{}}
}

// stages are the parts of serving a batch of a queue, in order. Each may fail, and is then tried again by itself.
func (g *Generator) stages(ctx context.Context, b *batch, most int) []func() error {
	claim := func() (err error) {
		b.tasks, err = g.line.Claim(ctx, g.leader.Epoch(), b.queue, b.own, most)
		g.metrics.claimed.Observe(float64(len(b.tasks)))
		return err
	}
	serve := []func() error{func() error { return g.releases(ctx, b) }}
	if b.queue == jobs.QueuePurchases {
		serve = []func() error{
			func() error { return g.read(ctx, b) },
			func() error { return g.decide(b) },
			func() error { return g.tellBatch(ctx, b) },
		}
	}
	var fates line.Fates
	return slices.Concat([]func() error{claim}, serve, []func() error{
		func() error { fates = g.sort(b); return nil },
		func() error { return g.line.Acknowledge(ctx, g.leader.Epoch(), b.queue, b.own, fates, true) },
	})
}

// errAside says that a step has set tasks aside or left them to another release.
var errAside = errors.New("tasks were not done")

// Step serves a queue once: the task that asynq delivered, and up to most tasks in all. try runs each stage, and says
// whether to go on. It is for those who take the place of asynq and of the process, as tests do.
func (g *Generator) Step(ctx context.Context, queue, own string, most int, try func(stage func() error) bool) error {
	b := newBatch(queue, own)
	for _, stage := range g.stages(ctx, b, most) {
		if !try(stage) {
			return nil
		}
	}
	if len(b.fate) > 0 {
		return errAside
	}
	return nil
}
