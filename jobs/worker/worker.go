// Package worker does the slow things: it asks the payment API, settles charges, pays refunds, keeps deadlines and sends
// letters. Several may run; whatever two of them do at once is done once.
package worker

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
	"guiche/payment"
	"guiche/store"
)

// Config is what a worker runs on.
type Config struct {
	Store    *store.Store
	Redis    *redis.Client
	Gateways payment.Gateways
	Letters  *Letters // nil if letters are not sent
	Log      *slog.Logger
	Metrics  prometheus.Registerer
	Pulse    *jobs.Pulse // hears of each sweep; may be nil
}

const (
	workerSlots  = 20
	workerCheck  = 50 * time.Millisecond
	delayedCheck = 200 * time.Millisecond
	grace        = 8 * time.Second  // for the handlers of a stopping role to finish
	gatewayTime  = 20 * time.Second // for the calls of one task to the payment API
	bookTime     = 5 * time.Second  // for writing down what came of it
)

// Worker is a process of this role.
type Worker struct {
	store    *store.Store
	line     *line.Line
	nudges   *jobs.Nudges
	gateways payment.Gateways // behind the breakers
	breakers []*payment.Breaker
	letters  *Letters // nil if letters are not sent
	log      *slog.Logger
	metrics  *metrics
	pulse    *jobs.Pulse
	balanced map[int64]string // marks of events that are over, and whose books were found to balance
}

// New makes a worker; nothing is done before Run.
func New(c Config) *Worker {
	w := &Worker{
		store: c.Store, line: line.New(c.Redis), nudges: jobs.NewNudges(c.Redis),
		letters: c.Letters, log: c.Log, metrics: newMetrics(c.Metrics), pulse: c.Pulse,
	}
	if w.pulse == nil {
		w.pulse = &jobs.Pulse{}
	}
	w.gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway {
		b := payment.NewBreaker(g)
		w.breakers = append(w.breakers, b)
		return b
	})
	w.metrics.start(w.breakers)
	return w
}

// Run works until ctx ends.
func Run(ctx context.Context, c Config) error {
	w := New(c)
	client := jobs.BackoffClient(c.Redis)
	defer client.Close()
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              workerSlots,
		Queues:                   map[string]int{jobs.QueuePayments: 6, jobs.QueueIssued: 4, jobs.QueueRefunds: 1},
		TaskCheckInterval:        workerCheck,
		DelayedTaskCheckInterval: delayedCheck,
		ShutdownTimeout:          grace,
		RetryDelayFunc:           retryDelay,
		IsFailure:                isFailure,
		Logger:                   jobs.Log(c.Log),
		LogLevel:                 asynq.WarnLevel,
	})
	if err := server.Start(w.Handler()); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	defer server.Shutdown()
	stopLetters, err := w.serveLetters(client)
	if err != nil {
		return err
	}
	defer stopLetters()
	var auditing sync.WaitGroup
	auditing.Go(func() { w.auditUntil(ctx) })
	defer auditing.Wait()
	w.sweepUntil(ctx)
	return nil
}

// Handler does the tasks of every queue but that of the letters.
func (w *Worker) Handler() asynq.Handler {
	mux := asynq.NewServeMux()
	mux.Use(w.forgive(gatewayTime))
	mux.HandleFunc(jobs.KindIssued, w.issued)
	mux.HandleFunc(jobs.KindDeadline, w.deadline)
	mux.HandleFunc(jobs.KindOverdue, w.overdue)
	mux.HandleFunc(jobs.KindCheck, w.checkCharge)
	mux.HandleFunc(jobs.KindNotice, w.resolveNotice)
	mux.HandleFunc(jobs.KindDrop, w.drop)
	mux.HandleFunc(jobs.KindGiveUp, w.giveUp)
	mux.HandleFunc(jobs.KindPayBack, w.payBack)
	mux.HandleFunc(jobs.KindUndo, w.undo)
	return mux
}

// forgive bounds and measures tasks, and hides their errors from asynq: the row is the to-do list, and the sweep nudges
// again, so asynq need not. Only a task that another release has sent fails, and so stays in its queue until that one takes it.
func (w *Worker) forgive(longest time.Duration) asynq.MiddlewareFunc {
	return func(next asynq.Handler) asynq.Handler {
		return asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
			if version := jobs.ReadVersion(t.Headers()); !jobs.Known(t.Type(), version) {
				w.metrics.unknown.Inc()
				w.log.Error("a task of another release stays in its queue", "kind", t.Type(), "version", version)
				return jobs.ErrUnknown
			}
			start := time.Now()
			ctx, cancel := context.WithTimeout(ctx, longest)
			defer cancel()
			err := next.ProcessTask(ctx, t)
			w.metrics.seconds.WithLabelValues(t.Type()).Observe(time.Since(start).Seconds())
			if err != nil {
				w.metrics.tasks.WithLabelValues(t.Type(), "failed").Inc()
				w.log.Warn("task failed, the sweep will try again", "kind", t.Type(), "error", err)
				return nil
			}
			w.metrics.tasks.WithLabelValues(t.Type(), "done").Inc()
			return nil
		})
	}
}

// laterTime is how long a task of another release rests before it is looked at again.
const laterTime = 30 * time.Second

func retryDelay(int, error, *asynq.Task) time.Duration { return laterTime }

func isFailure(err error) bool { return !errors.Is(err, jobs.ErrUnknown) }

// afterwards is a context for writing down what became of a task, whose own time may be used up.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), bookTime)
}
