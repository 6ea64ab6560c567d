package generator

import (
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
)

// metrics tell how long the line is, how old its head is, and how fast it moves.
type metrics struct {
	decisions *prometheus.CounterVec // by the state that an order came to
	poison    prometheus.Counter
	later     *prometheus.CounterVec // by queue
	claimed   prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, rdb *redis.Client) *metrics {
	m := &metrics{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_decisions_total", Help: "Orders that the generator brought to a state.",
		}, []string{"status"}),
		poison: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "guiche_poison_total", Help: "Tasks that were set aside because they can never be decided.",
		}),
		later: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_unknown_tasks_total", Help: "Looks at tasks of another release, which stay in their queue.",
		}, []string{"queue"}),
		claimed: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "guiche_claimed_tasks", Help: "Tasks that one transaction settled.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
	}
	for _, queue := range []string{jobs.QueueReleases, jobs.QueuePurchases} {
		m.later.WithLabelValues(queue)
	}
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	reg.MustRegister(
		m.decisions, m.poison, m.later, m.claimed,
		queueGauge(inspector, jobs.QueuePurchases, "guiche_line_length", "Orders that wait for their turn.",
			func(q *asynq.QueueInfo) float64 { return float64(q.Pending + q.Active) }),
		queueGauge(inspector, jobs.QueuePurchases, "guiche_line_head_age_seconds", "How long the next order has waited.",
			func(q *asynq.QueueInfo) float64 { return q.Latency.Seconds() }),
		queueGauge(inspector, jobs.QueueReleases, "guiche_releases_waiting", "Releases that wait for the generator.",
			func(q *asynq.QueueInfo) float64 { return float64(q.Pending + q.Active) }),
	)
	return m
}

func queueGauge(i *asynq.Inspector, queue, name, help string, read func(*asynq.QueueInfo) float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		info, err := i.GetQueueInfo(queue)
		if err != nil {
			return 0 // the queue is made by its first task
		}
		return read(info)
	})
}
