package generator

import (
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs"
)

// metrics answer how fast the line moves. How long it is, and how old its head, every role tells: see line.Metrics.
type metrics struct {
	decisions *prometheus.CounterVec // by the state that an order came to
	poison    prometheus.Counter
	later     *prometheus.CounterVec // by queue
	claimed   prometheus.Histogram
	leading   prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
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
			Name: "guiche_claimed_tasks", Help: "Tasks that one transaction did.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		leading: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "guiche_leading", Help: "1 while this process leads the line, 0 while it stands by.",
		}),
	}
	for _, queue := range []string{jobs.QueueReleases, jobs.QueuePurchases} {
		m.later.WithLabelValues(queue)
	}
	reg.MustRegister(m.decisions, m.poison, m.later, m.claimed, m.leading)
	return m
}
