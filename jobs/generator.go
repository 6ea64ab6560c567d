package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// idleCheck is how often asynq looks at an empty line: an idle system answers in milliseconds.
const idleCheck = 5 * time.Millisecond

// grace is how long a stopping role lets its handlers finish.
const grace = 8 * time.Second

// Generator is the one clerk behind the window: the only code that gives out tickets or takes them back.
// It works in four steps that know nothing of each other: take a task, decide, write, tell.
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
	c.Log.Info("leading the line", "epoch", leader.Epoch())
	g := &Generator{
		leader: leader, cache: store.NewCache(c.Redis), line: line, nudges: NewNudges(c.Redis),
		log: c.Log, metrics: newGeneratorMetrics(c.Metrics, c.Redis), stop: ctx, fatal: make(chan error, 1),
	}
	counts, err := leader.Recount()
	if err != nil {
		return err
	}
	if err := g.cache.Put(ctx, counts); err != nil {
		return err
	}
	for _, queue := range []string{queueReleases, queuePurchases} {
		if err := line.reclaim(ctx, queue); err != nil {
			return err
		}
	}
	calm := calmClient(c.Redis)
	defer calm.Close()
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
		return fmt.Errorf("start the generator: %w", err)
	}
	if c.Leading != nil {
		c.Leading()
	}
	select {
	case <-ctx.Done():
		server.Shutdown()
		return nil
	case <-leader.Lost():
		return store.ErrLostLead
	case err := <-g.fatal:
		return err // without a word to asynq: what is in hand is found by the next leader
	}
}

func (g *Generator) mux() *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(kindPurchase, g.alone(g.purchase))
	mux.HandleFunc(kindExpire, g.alone(g.expire))
	mux.HandleFunc(kindLeave, g.alone(g.leave))
	mux.HandleFunc(kindReturn, g.alone(g.giveBack))
	mux.HandleFunc(kindCapacity, g.alone(g.capacity))
	return mux
}

// errPoison marks a task that can never be decided. It is set aside where the admin sees it, and the line goes on.
var errPoison = errors.New("poison")

// alone runs a handler one at a time. Asynq never hears of trouble with Postgres or Redis, since its retry goes to
// the back of the line: what leaves the connection alive is tried again in place, anything else ends the process.
func (g *Generator) alone(handle func(ctx context.Context, payload []byte) error) asynq.HandlerFunc {
	return func(_ context.Context, t *asynq.Task) error {
		g.one.Lock()
		defer g.one.Unlock()
		defer func() {
			if p := recover(); p != nil {
				g.die(fmt.Errorf("panic in %s: %v", t.Type(), p))
			}
		}()
		for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
			err := handle(context.Background(), t.Payload())
			switch {
			case err == nil:
				return nil
			case errors.Is(err, errPoison) || store.Refused(err):
				g.metrics.poison.Inc()
				g.log.Error("task set aside", "kind", t.Type(), "error", err)
				return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
			case errors.Is(err, store.ErrLostLead):
				g.die(err)
			}
			g.log.Warn("trying again", "kind", t.Type(), "error", err)
			select {
			case <-g.stop.Done():
				g.die(err)
			case <-time.After(wait):
			}
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
