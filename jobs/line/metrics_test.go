package line_test

import (
	"math"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/line"
	"guiche/journeys/world"
)

// gauges reads what a process tells of the line, each with its labels' values.
func gauges(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			all[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// TestTheLineIsToldWithoutAGenerator: a process that decides nothing tells how long the line is, and never says 0 of what it
// does not know.
func TestTheLineIsToldWithoutAGenerator(t *testing.T) {
	w := world.New(t, 10)
	registry := prometheus.NewRegistry()
	registry.MustRegister(line.Metrics(w.Line))
	w.JoinAll(3, 1)
	told := gauges(t, registry)
	if told["guiche_line_length"] != 3 || told["guiche_line_head_age_seconds"] <= 0 || told["guiche_leader_epoch"] != 1 {
		t.Errorf("with nobody to decide: %v", told)
	}
	for _, name := range []string{"guiche_leader_beat_age_seconds", "guiche_sweep_age_seconds"} {
		if !math.IsNaN(told[name]) {
			t.Errorf("%s is %v before anybody was heard", name, told[name])
		}
	}
	if err := w.Line.Leads(w.Ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Line.Swept(w.Ctx); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the silence is measured", func() bool {
		told := gauges(t, registry)
		return told["guiche_leader_beat_age_seconds"] > 0 && told["guiche_sweep_age_seconds"] > 0
	})
	_ = w.Redis.ShutdownNoSave(w.Ctx) // its answer is a connection that breaks
	told = gauges(t, registry)
	if told["guiche_line_unknown_total"] == 0 {
		t.Error("nobody counts that Redis is away")
	}
	for _, name := range []string{"guiche_line_length", "guiche_line_head_age_seconds", "guiche_releases_waiting", "guiche_tasks_set_aside purchases", "guiche_leader_epoch"} {
		if v, ok := told[name]; !ok || !math.IsNaN(v) {
			t.Errorf("without Redis %s is %v", name, v)
		}
	}
}

// TestAStartLeavesNothingBehindInRedis counts the keys that would stay for ever.
func TestAStartLeavesNothingBehindInRedis(t *testing.T) {
	w := world.New(t, 1)
	before := w.Redis.DBSize(w.Ctx).Val()
	for range 3 {
		if err := w.Line.Check(w.Ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.Line.CheckClaim(w.Ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := w.Redis.Keys(w.Ctx, "asynq:{contract-*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if ttl := w.Redis.TTL(w.Ctx, key).Val(); ttl < 0 {
			t.Errorf("%s stays for ever", key)
		}
	}
	for key, kept := range map[string]int64{"asynq:servers": 0, "asynq:workers": 0} {
		if n := w.Redis.ZCard(w.Ctx, key).Val(); n != kept {
			t.Errorf("%s has %d members", key, n)
		}
	}
	if after := w.Redis.DBSize(w.Ctx).Val(); after > before+2 {
		t.Errorf("%d keys, %d before: %v", after, before, keys)
	}
}
