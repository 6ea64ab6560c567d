package worker

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/line"
	"guiche/payment"
	"guiche/store"
)

// metrics count how the work ended.
type metrics struct {
	tasks       *prometheus.CounterVec // by kind and "done" or "failed"
	payments    *prometheus.CounterVec // by the state that a charge came to
	refunds     *prometheus.CounterVec // "done", "pending", "failed", "refused", "covered" or "came_back"
	letters     *prometheus.CounterVec // by kind and "sent", "retried", "failed" or "moot"
	gone        *prometheus.CounterVec // by gateway
	unknown     prometheus.Counter     // tasks of another release
	seconds     *prometheus.HistogramVec
	findings    *prometheus.GaugeVec // by rule
	away        *prometheus.GaugeVec // by gateway
	auditEvents prometheus.Gauge
	audits      atomic.Int64 // when the last audit ended, in Unix ns; 0 before the first
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
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
	m.gone = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "guiche_gone_money_total", Help: "News of paid money that moved at the payment API without the shop: disputes, refunds in its panel.",
	}, []string{"gateway"})
	m.unknown = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "guiche_unknown_tasks_total", Help: "Looks at tasks of another release, which stay in their queue.",
	})
	m.findings = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_audit_findings", Help: "Rows that break a rule of the books, as the last audit saw them.",
	}, []string{"rule"})
	m.auditEvents = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "guiche_audit_events", Help: "Events that the last audit looked at: those that are over only if their books moved.",
	})
	m.away = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_gateway_away", Help: "1 while a payment API does not answer.",
	}, []string{"gateway"})
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "guiche_audit_age_seconds", Help: "Since this worker last audited the books; no number before it first has.",
	}, m.auditAge))
	reg.MustRegister(m.tasks, m.payments, m.refunds, m.letters, m.seconds, m.findings, m.auditEvents, m.away, m.gone, m.unknown)
	return m
}

// start has the series of money begin at 0, before anything happens: one that is not there alarms nobody.
func (m *metrics) start(gateways []*payment.Breaker) {
	for _, s := range []store.ChargeStatus{store.ChargeCaptured, store.ChargeFailed, store.ChargeCancelled, store.ChargeAbandoned} {
		m.payments.WithLabelValues(string(s))
	}
	for _, result := range []string{"done", "pending", "failed", "refused", "covered", "came_back"} {
		m.refunds.WithLabelValues(result)
	}
	for _, b := range gateways {
		m.gone.WithLabelValues(b.Name())
	}
	m.gatewaysAway(gateways, nil)
}

// gatewaysAway tells which gateways do not answer, those among them that the shop has no keys for any more.
func (m *metrics) gatewaysAway(known []*payment.Breaker, open []store.Outage) {
	for _, b := range known {
		m.away.WithLabelValues(b.Name()).Set(0)
	}
	for _, o := range open {
		m.away.WithLabelValues(o.Gateway).Set(1)
	}
}

// auditAge grows while audits fail: what the last one found is old by then.
func (m *metrics) auditAge() float64 {
	last := m.audits.Load()
	if last == 0 {
		return math.NaN()
	}
	return time.Since(time.Unix(0, last)).Seconds()
}

// audited shows what an audit found; a rule that holds shows 0.
func (m *metrics) audited(findings []store.Finding) {
	m.audits.Store(time.Now().UnixNano())
	rows := map[string]int{}
	for _, f := range findings {
		rows[f.Rule] = f.Total
	}
	for _, rule := range append(store.AuditRules(), line.AsideRule) {
		m.findings.WithLabelValues(rule).Set(float64(rows[rule]))
	}
}
