package jobs

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// audited fails the test for everything that the audit finds.
func (w *world) audited() {
	w.t.Helper()
	findings, err := w.db.Audit(w.ctx, w.line.Numbers)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range findings {
		w.t.Errorf("the audit finds %+v", f)
	}
}

func TestNumbersAreFoundWhereverAnOrderIs(t *testing.T) {
	w := newWorld(t, 10)
	var ids []any
	for range 5 {
		o := w.order(w.fan(), 1)
		w.join(o)
		ids = append(ids, o.ID.String())
	}
	pending := listKey(queuePurchases, "pending")
	move := w.rdb.TxPipeline()
	for _, id := range ids[:4] {
		move.LRem(w.ctx, pending, 1, id)
	}
	move.LPush(w.ctx, listKey(queuePurchases, "active"), ids[0])
	for i, list := range []string{"retry", "archived", "archived"} {
		move.ZAdd(w.ctx, listKey(queuePurchases, list), redis.Z{Member: ids[i+1]})
	}
	unreadable := []byte("neither a task nor an order")
	move.HSet(w.ctx, taskKey(queuePurchases, ids[3].(string)), "msg", unreadable)
	if _, err := move.Exec(w.ctx); err != nil {
		t.Fatal(err)
	}
	numbers, err := w.line.Numbers(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, n := range numbers {
		if n.EventID != w.event.ID {
			t.Errorf("number of no event: %+v", n)
		}
		got = append(got, n.Number)
	}
	slices.Sort(got)
	if want := []int64{1, 2, 3, 5}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}

func TestPoisonIsAGapThatTheAuditKnows(t *testing.T) {
	w := newWorld(t, 5)
	first, poison, last := w.order(w.fan(), 1), w.order(w.fan(), 1), w.order(w.fan(), 1)
	poison.TicketTypeID = 999999 // no such type: Postgres will always refuse it
	for _, o := range []store.QueuedOrder{first, poison, last} {
		w.join(o)
	}
	w.generator()
	w.becomes(first.ID, store.Reserved)
	w.becomes(last.ID, store.Reserved)
	w.audited()
	w.eventually("the poison is set aside", func() bool {
		n, err := w.rdb.ZCard(w.ctx, listKey(queuePurchases, "archived")).Result()
		return err == nil && n == 1
	})
	w.audited()
	if err := w.rdb.ZRem(w.ctx, listKey(queuePurchases, "archived"), poison.ID.String()).Err(); err != nil {
		t.Fatal(err)
	}
	findings, err := w.db.Audit(w.ctx, w.line.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 || findings[0].Rule != "numbers" || !strings.HasSuffix(findings[0].Place, "number 2") {
		t.Errorf("an order is lost, and the audit finds %+v", findings)
	}
}

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
	w := newWorld(t, 5)
	var told bytes.Buffer
	registry := prometheus.NewRegistry()
	worker := &Worker{store: w.db, line: w.line, log: slog.New(slog.NewTextHandler(&told, nil)), metrics: newWorkerMetrics(registry)}
	worker.audit(w.ctx)
	if rules := foundBy(t, registry); len(rules) != len(store.AuditRules()) || told.Len() > 0 {
		t.Errorf("of an empty shop is told %v and %q", rules, told.String())
	}
	leader, err := store.Lead(w.ctx, w.databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	for n := range int64(2) {
		nobody := w.order(-1-n, 1)
		nobody.Number = 1 + n
		if _, err := leader.Decide([]store.QueuedOrder{nobody}, nil, decide); err != nil {
			t.Fatal(err)
		}
	}
	worker.audit(w.ctx)
	if rules := foundBy(t, registry); rules["order_names"] != 2 || rules["stock"] != 0 {
		t.Errorf("the metric tells of %v, want 2 orders without an account", rules)
	}
	if n := strings.Count(told.String(), "rule=order_names rows=2"); n != 1 {
		t.Errorf("told %d times: %s", n, told.String())
	}
}
