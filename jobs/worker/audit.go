package worker

import (
	"context"
	"time"

	"guiche/store"
)

const (
	// auditEvery is how often a worker audits the books.
	auditEvery = time.Minute
	// auditShare bounds what an audit of a big shop costs: it rests this many times as long as it took.
	auditShare = 20
)

// auditUntil audits the books again and again until ctx ends, for the metric.
func (w *Worker) auditUntil(ctx context.Context) {
	for {
		start := time.Now()
		w.audit(ctx)
		rest := time.NewTimer(max(auditEvery, auditShare*time.Since(start)))
		select {
		case <-ctx.Done():
			rest.Stop()
			return
		case <-rest.C:
		}
	}
}

func (w *Worker) audit(ctx context.Context) {
	findings, err := w.store.Audit(ctx, w.line.Numbers)
	if err == nil {
		var aside []store.Finding
		aside, err = w.line.SetAside(ctx)
		findings = append(findings, aside...)
	}
	if err != nil {
		if ctx.Err() == nil {
			w.log.Warn("audit", "error", err)
		}
		return
	}
	w.metrics.audited(findings)
	told := map[string]bool{}
	for _, f := range findings {
		if !told[f.Rule] {
			told[f.Rule] = true
			w.log.Error("the books do not balance", "rule", f.Rule, "rows", f.Total, "place", f.Place, "expected", f.Expected, "actual", f.Actual)
		}
	}
}
