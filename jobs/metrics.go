package jobs

import (
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// generatorMetrics answer how long the line is, how old its head, and how fast it moves.
type generatorMetrics struct {
	decisions *prometheus.CounterVec // by the state that an order came to
	poison    prometheus.Counter
	claimed   prometheus.Histogram
}

func newGeneratorMetrics(reg prometheus.Registerer, rdb *redis.Client) *generatorMetrics {
	m := &generatorMetrics{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_decisions_total", Help: "Orders that the generator brought to a state.",
		}, []string{"status"}),
		poison: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "guiche_poison_total", Help: "Tasks that were set aside because they can never be decided.",
		}),
	}
	m.claimed = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "guiche_claimed_tasks", Help: "Tasks that one transaction settled.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
	})
	inspector := asynq.NewInspectorFromRedisClient(rdb)
	reg.MustRegister(
		m.decisions, m.poison, m.claimed,
		queueGauge(inspector, queuePurchases, "guiche_line_length", "Orders that wait for their turn.",
			func(q *asynq.QueueInfo) float64 { return float64(q.Pending + q.Active) }),
		queueGauge(inspector, queuePurchases, "guiche_line_head_age_seconds", "How long the next order has waited.",
			func(q *asynq.QueueInfo) float64 { return q.Latency.Seconds() }),
		queueGauge(inspector, queueReleases, "guiche_releases_waiting", "Releases that wait for the generator.",
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

// workerMetrics count what the slow work came to.
type workerMetrics struct {
	tasks    *prometheus.CounterVec // by kind and "done" or "failed"
	payments *prometheus.CounterVec // by the state that a charge came to
	refunds  *prometheus.CounterVec // "done", "pending", "failed" or "refused"
	letters  *prometheus.CounterVec // by kind and "sent", "retried", "failed" or "moot"
	seconds  *prometheus.HistogramVec
	findings *prometheus.GaugeVec // by rule
	away     *prometheus.GaugeVec // by gateway
}

func newWorkerMetrics(reg prometheus.Registerer) *workerMetrics {
	m := &workerMetrics{
		tasks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_worker_tasks_total", Help: "Tasks of the worker by kind and result.",
		}, []string{"kind", "result"}),
		payments: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_payments_total", Help: "Charges by the state they came to.",
		}, []string{"status"}),
		refunds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_refunds_total", Help: "Attempts to send money back by result.",
		}, []string{"result"}),
		letters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_letters_total", Help: "Attempts to send letters by kind and result.",
		}, []string{"kind", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "guiche_worker_task_seconds", Help: "Time that a task of the worker took.", Buckets: prometheus.DefBuckets,
		}, []string{"kind"}),
	}
	m.findings = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_audit_findings", Help: "Rows that break a rule of the books, as the last audit saw them.",
	}, []string{"rule"})
	m.away = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_gateway_away", Help: "1 while a payment API does not answer.",
	}, []string{"gateway"})
	reg.MustRegister(m.tasks, m.payments, m.refunds, m.letters, m.seconds, m.findings, m.away)
	return m
}

// audited tells what an audit found, rules that hold among them.
func (m *workerMetrics) audited(findings []store.Finding) {
	rows := map[string]int{}
	for _, f := range findings {
		rows[f.Rule] = f.Total
	}
	for _, rule := range store.AuditRules() {
		m.findings.WithLabelValues(rule).Set(float64(rows[rule]))
	}
}
