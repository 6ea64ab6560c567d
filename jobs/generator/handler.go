package generator

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// fate is what becomes of a task.
type fate int

const (
	done   fate = iota
	poison      // it can never be done: set aside, where admins see it
	later       // a newer release has sent it and will do it: it stays in its queue
)

// errPoison has asynq set a task aside.
var errPoison = fmt.Errorf("poison: %w", asynq.SkipRetry)

// handler serves the queue of the task that asynq delivers, one at a time. Asynq never hears of trouble with Postgres
// or Redis, since its retry goes to the back of the line: what leaves the leader's connection alive is tried again in
// place, anything else ends the process. Whatever is done twice is recognised.
func (g *Generator) handler() asynq.Handler {
	return asynq.HandlerFunc(func(ctx context.Context, _ *asynq.Task) error {
		g.one.Lock()
		defer g.one.Unlock()
		g.served++
		own, _ := asynq.GetTaskID(ctx)      // asynq's context always has both
		queue, _ := asynq.GetQueueName(ctx) //
		serve := g.servePurchases
		if queue == jobs.QueueReleases {
			serve = g.serveReleases
		}
		its := done
		g.guard(func() { its = serve(context.Background(), own) })
		switch its {
		case poison:
			return errPoison
		case later:
			return jobs.ErrUnknown
		}
		return nil
	})
}

// guard turns a panic into the end of the process: asynq would swallow it and take the task out of every list.
func (g *Generator) guard(do func()) {
	defer func() {
		if p := recover(); p != nil {
			g.die(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	do()
}

// persist tries until it works. A lost lead ends the process; so does a stop, once its grace is over.
func (g *Generator) persist(try func() error) {
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := try()
		if err == nil {
			return
		}
		if errors.Is(err, store.ErrLostLead) {
			g.die(err)
		}
		g.log.Warn("trying again", "error", err)
		select {
		case <-g.stop.Done():
			g.die(err)
		case <-time.After(wait):
		}
	}
}

// die ends the process; the handler never returns, so that asynq removes nothing from its lists.
func (g *Generator) die(err error) {
	select {
	case g.fatal <- err:
	default: // somebody was first
	}
	select {}
}

// sort groups the tasks of a batch by their fates, except the one that asynq delivered.
func (g *Generator) sort(b *batch) (f line.Fates) {
	for _, t := range b.tasks {
		switch b.fate[t.ID] {
		case poison:
			g.metrics.poison.Inc()
			g.log.Error("task set aside", "queue", b.queue, "task", t.ID, "kind", t.Kind)
		case later:
			g.metrics.later.WithLabelValues(b.queue).Inc()
			g.log.Error("a task of another release stays in its queue: let that release lead",
				"queue", b.queue, "task", t.ID, "kind", t.Kind, "version", t.Version)
		}
		if t.ID == b.own {
			continue
		}
		switch b.fate[t.ID] {
		case poison:
			f.Poison = append(f.Poison, t.ID)
		case later:
			f.Later = append(f.Later, t.ID)
		default:
			f.Done = append(f.Done, t.ID)
		}
	}
	return f
}
