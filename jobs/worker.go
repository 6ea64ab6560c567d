package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/payment"
	"guiche/store"
)

// WorkerConfig is what a worker runs on.
type WorkerConfig struct {
	Store    *store.Store
	Redis    *redis.Client
	Gateways payment.Gateways
	Mail     *Mail // nil if letters are not sent
	Log      *slog.Logger
	Metrics  prometheus.Registerer
}

const (
	workerSlots  = 20
	workerCheck  = 50 * time.Millisecond
	delayedCheck = 200 * time.Millisecond
	gatewayTime  = 20 * time.Second // for one task's talk with the payment API
	bookTime     = 5 * time.Second  // for writing down what came of it
)

// Worker does the slow things: it asks the payment API, settles charges, pays refunds and keeps deadlines.
// Several may run; whatever two of them do at once is done once.
type Worker struct {
	store    *store.Store
	cache    *store.Cache
	line     *Line
	nudges   *Nudges
	gateways payment.Gateways // behind the breakers
	breakers []*payment.Breaker
	mail     *Mail // nil if letters are not sent
	log      *slog.Logger
	metrics  *workerMetrics
}

func newWorker(c WorkerConfig) *Worker {
	w := &Worker{
		store: c.Store, cache: store.NewCache(c.Redis), line: NewLine(c.Redis), nudges: NewNudges(c.Redis),
		mail: c.Mail, log: c.Log, metrics: newWorkerMetrics(c.Metrics),
	}
	w.gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway {
		b := payment.NewBreaker(g)
		w.breakers = append(w.breakers, b)
		return b
	})
	return w
}

// RunWorker works until ctx ends.
func RunWorker(ctx context.Context, c WorkerConfig) error {
	w := newWorker(c)
	calm := calmClient(c.Redis)
	defer calm.Close()
	server := asynq.NewServerFromRedisClient(calm, asynq.Config{
		Concurrency:              workerSlots,
		Queues:                   map[string]int{queuePayments: 6, queueIssued: 4, queueRefunds: 1},
		TaskCheckInterval:        workerCheck,
		DelayedTaskCheckInterval: delayedCheck,
		ShutdownTimeout:          grace,
		Logger:                   quietLog{c.Log},
		LogLevel:                 asynq.WarnLevel,
	})
	if err := server.Start(w.mux()); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	defer server.Shutdown()
	stopLetters, err := w.serveLetters(calm)
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

func (w *Worker) mux() *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.Use(w.forgive(gatewayTime))
	mux.HandleFunc(kindIssued, w.issued)
	mux.HandleFunc(kindDeadline, w.deadline)
	mux.HandleFunc(kindOverdue, w.overdue)
	mux.HandleFunc(kindLook, w.look)
	mux.HandleFunc(kindHear, w.hear)
	mux.HandleFunc(kindDrop, w.drop)
	mux.HandleFunc(kindGiveUp, w.giveUp)
	mux.HandleFunc(kindPayBack, w.payBack)
	mux.HandleFunc(kindUndo, w.undo)
	return mux
}

// forgive bounds and measures tasks and never fails one: the row is the to-do list, and the sweep nudges again what is
// overdue.
func (w *Worker) forgive(longest time.Duration) asynq.MiddlewareFunc {
	return func(next asynq.Handler) asynq.Handler {
		return asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
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

// afterwards is for writing down what became of a task, though its own time may be spent.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), bookTime)
}

// errPayload says that a task's payload is not an id.
var errPayload = errors.New("payload is not an id")

func parseID(payload []byte) (uuid.UUID, error) {
	id, err := uuid.ParseBytes(payload)
	if err != nil {
		return uuid.Nil, errPayload
	}
	return id, nil
}
