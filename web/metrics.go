package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count what people do and measure how long they wait for it.
type metrics struct {
	requests *prometheus.CounterVec   // by route, method and class of status
	seconds  *prometheus.HistogramVec // by route and method; live updates are not in it
	joins    *prometheus.CounterVec   // by result
	limited  *prometheus.CounterVec   // by limit
	live     prometheus.Gauge

	noticesTaken   *prometheus.CounterVec // by gateway
	noticesRefused *prometheus.CounterVec // by gateway and reason
	chargesFailed  *prometheus.CounterVec // by gateway and reason
	gatewayAway    *prometheus.GaugeVec   // by gateway
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_http_requests_total", Help: "Requests by route, method and class of status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "guiche_http_seconds", Help: "Time until a request was answered.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5},
		}, []string{"route", "method"}),
		joins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_joins_total", Help: "Orders posted: fresh ones, repeats and those sent back.",
		}, []string{"result"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "guiche_limited_total", Help: "Requests that were too many, by the limit that they hit.",
		}, []string{"limit"}),
		live: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "guiche_live_connections", Help: "Browsers that listen for live updates.",
		}),
	}
	m.noticesTaken = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "guiche_notices_total", Help: "Signed notices of payment APIs, by gateway.",
	}, []string{"gateway"})
	m.noticesRefused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "guiche_notices_refused_total", Help: "Notices that were refused, by gateway and reason.",
	}, []string{"gateway", "reason"})
	m.chargesFailed = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "guiche_charges_failed_total", Help: "Charges that a payment API did not make, by gateway and reason.",
	}, []string{"gateway", "reason"})
	m.gatewayAway = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_gateway_away", Help: "1 while a payment API does not answer.",
	}, []string{"gateway"})
	reg.MustRegister(m.requests, m.seconds, m.joins, m.limited, m.live, m.noticesTaken, m.noticesRefused, m.chargesFailed, m.gatewayAway)
	return m
}

// liveRoute lasts as long as somebody listens.
const liveRoute = "/orders/:id/events"

func (m *metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, known(method), fmt.Sprintf("%dxx", status/100)).Inc()
	if route != liveRoute {
		m.seconds.WithLabelValues(route, known(method)).Observe(took.Seconds())
	}
}

// known keeps invented methods from adding a time series each.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	}
	return "other"
}
