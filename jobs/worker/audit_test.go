package worker

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/generator"
	"guiche/store"
)

// foundBy reads the metric of the books.
func foundBy(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "guiche_audit_findings" {
				rules[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	return rules
}

func TestTheWorkerTellsWhatTheAuditFound(t *testing.T) {
	w := newShop(t, 5)
	var told bytes.Buffer
	registry := prometheus.NewRegistry()
	worker := &Worker{store: w.DB, line: w.Line, log: slog.New(slog.NewTextHandler(&told, nil)), metrics: newMetrics(registry)}
	worker.audit(w.Ctx)
	if rules := foundBy(t, registry); len(rules) != len(store.AuditRules())+1 || told.Len() > 0 {
		t.Errorf("of an empty shop is told %v and %q", rules, told.String())
	}
	if age := worker.metrics.auditAge(); !(age >= 0) { // no number before the first audit
		t.Errorf("after an audit its age is %v", age)
	}
	leader, err := store.Lead(w.Ctx, w.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	for n := range int64(2) {
		nobody := w.Order(-1-n, 1)
		nobody.Number = 1 + n
		if _, err := leader.Decide([]store.QueuedOrder{nobody}, nil, generator.Decide); err != nil {
			t.Fatal(err)
		}
	}
	worker.audit(w.Ctx)
	if rules := foundBy(t, registry); rules["order_names"] != 2 || rules["stock"] != 0 {
		t.Errorf("the metric tells of %v, want 2 orders without an account", rules)
	}
	if n := strings.Count(told.String(), "rule=order_names rows=2"); n != 1 {
		t.Errorf("told %d times: %s", n, told.String())
	}
}
