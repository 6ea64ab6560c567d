// Package generator is the one clerk behind the window: it takes orders from the line, decides them, and is the only
// code that gives out tickets or takes them back. It speaks to Postgres and Redis, never to a payment API.
//
// It works in stages that know nothing of each other: claim, decide and write, tell, acknowledge.
package generator

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

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// Config is what a generator runs on.
type Config struct {
	DatabaseURL string
	Redis       *redis.Client
	Log         *slog.Logger
	Metrics     prometheus.Registerer
	// Leading is called once this process leads and is about to serve the line; may be nil.
	Leading func()
	// Pulse hears that this process lives; may be nil.
	Pulse *jobs.Pulse
}

const (
	// idleCheck is how often asynq looks at an empty line: an idle system answers in milliseconds.
	idleCheck = 5 * time.Millisecond
	// ClaimMost is how many tasks one transaction does at most. An idle line is served one by one.
	ClaimMost = 500
	// grace is how long a stopping role waits for its handlers to finish.
	grace = 8 * time.Second
)

// Generator is a process that leads the line.
type Generator struct {
	leader  *store.Leader
	line    *line.Line
	nudges  *jobs.Nudges
	log     *slog.Logger
	metrics *metrics
	pulse   *jobs.Pulse
	stop    context.Context // done when the role is stopping
	fatal   chan error      // why this process must not go on
	one     sync.Mutex      // a handler whose slot was freed under it must not run beside the next
	served  int             // batches handled; under one
	untold  *told           // what a release changed and could not tell yet; under one
}

// New makes a generator of a leader, which stays the caller's. Nothing is served before Run has taken the line over.
func New(ctx context.Context, c Config, leader *store.Leader) *Generator {
	return &Generator{
		leader: leader, line: line.New(c.Redis), nudges: jobs.NewNudges(c.Redis), log: c.Log,
		metrics: newMetrics(c.Metrics), pulse: c.Pulse, stop: ctx, fatal: make(chan error, 1),
	}
}

// Run waits until this process leads, then serves the line until ctx ends.
// An error means that the process has to exit and be started again: it never decides without being sure that it leads.
func Run(ctx context.Context, c Config) error {
	queue := line.New(c.Redis)
	if err := queue.Check(ctx); err != nil {
		return err
	}
	c.Log.Info("waiting for the lead")
	if c.Pulse == nil {
		c.Pulse = &jobs.Pulse{}
	}
	leader, err := store.Lead(ctx, c.DatabaseURL, c.Pulse.Beat)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped while standing by
		}
		return err
	}
	defer leader.Close()
	g := New(ctx, c, leader)
	if err := g.outrank(ctx); err != nil {
		return err
	}
	if err := queue.CheckClaim(ctx, leader.Epoch()); err != nil {
		return err
	}
	if err := g.TakeOver(ctx); err != nil {
		return err
	}
	client := jobs.BackoffClient(c.Redis)
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:       1,
		StrictPriority:    true,
		Queues:            map[string]int{jobs.QueueReleases: 2, jobs.QueuePurchases: 1},
		TaskCheckInterval: idleCheck,
		ShutdownTimeout:   grace,
		RetryDelayFunc:    retryDelay,
		IsFailure:         func(err error) bool { return !errors.Is(err, jobs.ErrUnknown) },
		Logger:            jobs.Log(c.Log),
		LogLevel:          asynq.WarnLevel,
	})
	if err := server.Start(g.handler()); err != nil {
		_ = client.Close() // the first error is the one to tell
		return fmt.Errorf("start the generator: %w", err)
	}
	g.metrics.leading.Set(1)
	if c.Leading != nil {
		c.Leading()
	}
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go g.watch(watching)
	select {
	case <-ctx.Done():
		server.Shutdown()
		return client.Close()
	case <-leader.Lost():
		err = store.ErrLostLead
	case err = <-g.fatal:
	}
	// Asynq takes no more, and puts nothing back: the next leader finds the claimed tasks. Its client stays open
	// until the process ends, since asynq's listener panics when it is closed under it, in place of the error above.
	go server.Stop()
	return err
}

// retryDelay keeps a task of another release away for a while. Whatever else asynq wants to try again is due at once:
// it goes back to its place in the line, not to the end.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	if errors.Is(err, jobs.ErrUnknown) {
		return line.LaterTime
	}
	return 0
}

// TakeOver makes this leader's epoch known to Redis, refills the cache and puts back the tasks that the last leader had
// claimed. A Redis that has seen no leader is first rebuilt from the rows; until then nobody can join.
func (g *Generator) TakeOver(ctx context.Context) error {
	if err := g.agree(ctx); err != nil {
		return err
	}
	restored, err := g.line.TakeOver(ctx, g.leader.Epoch())
	if err != nil {
		return fmt.Errorf("take over the line: %w", err)
	}
	if err := g.line.Leads(ctx, g.leader.Epoch()); err != nil {
		return err
	}
	counts, err := g.leader.Recount()
	if err != nil {
		return err
	}
	g.log.Info("leading the line", "epoch", g.leader.Epoch(), "restored", restored)
	return g.tell(ctx, counts, nil)
}
