package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// GeneratorConfig is what a generator runs on.
type GeneratorConfig struct {
	DatabaseURL string
	Redis       *redis.Client
	Log         *slog.Logger
	Metrics     prometheus.Registerer
	// Leading is called once this process leads and is about to serve the line; may be nil.
	Leading func()
}

const (
	// idleCheck is how often asynq looks at an empty line: an idle system answers in milliseconds.
	idleCheck = 5 * time.Millisecond
	// claimMost is how many tasks one transaction settles at most. An idle line is served one by one.
	claimMost = 500
	// grace is how long a stopping role lets its handlers finish.
	grace = 8 * time.Second
)

// Generator is the one clerk behind the window: the only code that gives out tickets or takes them back.
// It works in steps that know nothing of each other: claim, decide, write, tell, acknowledge.
type Generator struct {
	leader  *store.Leader
	cache   *store.Cache
	line    *Line
	nudges  *Nudges
	log     *slog.Logger
	metrics *generatorMetrics
	stop    context.Context // done when the role is stopping
	fatal   chan error      // why this process must not go on
	one     sync.Mutex      // a handler whose slot was freed under it must not run beside the next
	served  int             // batches handled; under one
	untold  *told           // what a release changed and could not tell yet; under one
}

// RunGenerator waits until this process leads, then serves the line until ctx ends.
// An error means that the process has to exit and be started again: it never decides without being sure that it leads.
func RunGenerator(ctx context.Context, c GeneratorConfig) error {
	line := NewLine(c.Redis)
	if err := line.Check(ctx); err != nil {
		return err
	}
	c.Log.Info("waiting for the lead")
	leader, err := store.Lead(ctx, c.DatabaseURL)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped while standing by
		}
		return err
	}
	defer leader.Close()
	if err := line.checkClaim(ctx, leader.Epoch()); err != nil {
		return err
	}
	g := &Generator{
		leader: leader, cache: store.NewCache(c.Redis), line: line, nudges: NewNudges(c.Redis),
		log: c.Log, metrics: newGeneratorMetrics(c.Metrics, c.Redis), stop: ctx, fatal: make(chan error, 1),
	}
	if err := g.takeOver(ctx); err != nil {
		return err
	}
	calm := calmClient(c.Redis)
	server := asynq.NewServerFromRedisClient(calm, asynq.Config{
		Concurrency:       1,
		StrictPriority:    true,
		Queues:            map[string]int{queueReleases: 2, queuePurchases: 1},
		TaskCheckInterval: idleCheck,
		ShutdownTimeout:   grace,
		Logger:            quietLog{c.Log},
		LogLevel:          asynq.WarnLevel,
	})
	if err := server.Start(g.mux()); err != nil {
		_ = calm.Close() // the first error is the one to tell
		return fmt.Errorf("start the generator: %w", err)
	}
	if c.Leading != nil {
		c.Leading()
	}
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go g.watch(watching)
	select {
	case <-ctx.Done():
		server.Shutdown()
		return calm.Close()
	case <-leader.Lost():
		err = store.ErrLostLead
	case err = <-g.fatal:
	}
	// Asynq puts nothing back: what is in hand is found by the next leader. It only takes no more. Its client stays open
	// until the process ends, since asynq's listener panics when it is closed under it, in place of the error above.
	go server.Stop()
	return err
}

// takeOver makes this leader's epoch known to Redis, fills the cache anew and puts back what the last leader had in hand.
// A Redis that knows nothing of any leader is told first what the rows know of the lines; until then nobody can join.
func (g *Generator) takeOver(ctx context.Context) error {
	known, err := g.line.Ready(ctx)
	if err != nil {
		return err
	}
	if !known {
		lines, err := g.leader.Rebuild()
		if err != nil {
			return err
		}
		g.log.Warn("redis knows no line and is told anew", "lines", len(lines.Lines), "open_orders", len(lines.Open))
		if err := g.cache.Rebuild(ctx, lines); err != nil {
			return err
		}
	}
	restored, err := g.line.takeOver(ctx, g.leader.Epoch())
	if err != nil {
		return fmt.Errorf("take over the line: %w", err)
	}
	counts, err := g.leader.Recount()
	if err != nil {
		return err
	}
	g.log.Info("leading the line", "epoch", g.leader.Epoch(), "restored", restored)
	return g.tell(ctx, counts, nil)
}

func (g *Generator) mux() *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(kindPurchase, g.alone(g.servePurchases))
	releases := g.alone(g.serveReleases)
	for _, kind := range []string{kindExpire, kindLeave, kindReturn, kindLate, kindCapacity, kindSettle, kindResume, kindCancel} {
		mux.HandleFunc(kind, releases)
	}
	return mux
}

// errPoison says that the task that asynq handed over can never be settled. Asynq sets it aside, where admins see it.
var errPoison = fmt.Errorf("poison: %w", asynq.SkipRetry)

// alone runs a handler one at a time. Asynq never hears of trouble with Postgres or Redis, since its retry goes to the
// back of the line: what leaves the leader's connection alive is tried again in place, anything else ends the process.
// Whatever is done twice is recognised.
func (g *Generator) alone(serve func(ctx context.Context, own string) (ownIsPoison bool)) asynq.HandlerFunc {
	return func(ctx context.Context, t *asynq.Task) error {
		g.one.Lock()
		defer g.one.Unlock()
		g.served++
		own, _ := asynq.GetTaskID(ctx) // asynq's context always has it
		poison := false
		g.guard(func() { poison = serve(context.Background(), own) })
		if poison {
			return errPoison
		}
		return nil
	}
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

// settled are the tasks of a batch, apart from the one that asynq handed over, by what became of them.
func (g *Generator) settled(queue, own string, tasks []task, poison map[string]bool) (done, aside []string) {
	for _, t := range tasks {
		if poison[t.id] {
			g.metrics.poison.Inc()
			g.log.Error("task set aside", "queue", queue, "task", t.id)
		}
		switch {
		case t.id == own:
		case poison[t.id]:
			aside = append(aside, t.id)
		default:
			done = append(done, t.id)
		}
	}
	return done, aside
}

// persist tries until it works. A lost lead ends the process, and so does the end of its patience when it is stopping.
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

// die ends the process; the handler never returns, so that asynq takes nothing out of its lists.
func (g *Generator) die(err error) {
	select {
	case g.fatal <- err:
	default: // somebody was first
	}
	select {}
}
