package worker

import (
	"context"
	"fmt"
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

// auditEvents audits each event by itself. One that is over is audited once, and again only when its books have moved, or
// while something is found there: so a shop with years behind it costs no more than what it sells now.
func (w *Worker) auditEvents(ctx context.Context) (findings []store.Finding, err error) {
	marks, err := w.store.AuditMarks(ctx)
	if err != nil {
		return nil, err
	}
	if w.balanced == nil {
		w.balanced = map[int64]string{}
	}
	looked, totals := 0, map[string]int{}
	for _, m := range marks {
		if m.Over && w.balanced[m.EventID] == m.Mark {
			continue
		}
		looked++
		found, err := w.store.AuditEvent(ctx, m.EventID, w.line.Numbers)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", m.EventID, err)
		}
		delete(w.balanced, m.EventID)
		if m.Over && len(found) == 0 {
			w.balanced[m.EventID] = m.Mark // read before the rows: what changed since is looked at again
		}
		rule := ""
		for _, f := range found {
			if f.Rule != rule {
				rule = f.Rule
				totals[rule] += f.Total
			}
		}
		findings = append(findings, found...)
	}
	for i := range findings {
		findings[i].Total = totals[findings[i].Rule]
	}
	w.metrics.auditEvents.Set(float64(looked))
	return findings, nil
}

func (w *Worker) audit(ctx context.Context) {
	findings, err := w.auditEvents(ctx)
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
