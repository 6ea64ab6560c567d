package generator_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/journeys/world"
	"guiche/store"
)

// TestATaskOfANewerReleaseStaysInItsQueue sends what this release cannot know, in front of, among and behind what it knows.
func TestATaskOfANewerReleaseStaysInItsQueue(t *testing.T) {
	w := world.New(t, 10)
	client := asynq.NewClientFromRedisClient(w.Redis)
	newer := map[string]string{"v": "2"}
	order := uuid.New().String()
	strangers := []struct {
		queue string
		task  *asynq.Task
	}{
		{jobs.QueueReleases, asynq.NewTaskWithHeaders("barter", []byte("?"), newer)},
		{jobs.QueueReleases, asynq.NewTaskWithHeaders(jobs.KindExpire, []byte("?"), newer)},
		{jobs.QueuePurchases, asynq.NewTaskWithHeaders(jobs.KindPurchase, []byte(`{"number":"3","order":{"ID":"`+order+`"}}`), newer)},
		{jobs.QueuePurchases, asynq.NewTaskWithHeaders("purchase:many", []byte(`{}`), nil)},
	}
	send := func() (ids []string) {
		t.Helper()
		for _, s := range strangers {
			info, err := client.EnqueueContext(w.Ctx, s.task, asynq.Queue(s.queue), asynq.MaxRetry(jobs.ManyTries), asynq.Deadline(jobs.FarAway))
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, info.ID)
		}
		return ids
	}
	sent := send()
	first := w.JoinAll(1, 1)[0]
	sent = append(sent, send()...)
	second := w.JoinAll(1, 1)[0]
	registry := prometheus.NewRegistry()
	leads := make(chan struct{})
	stop := w.Role("generator", func(ctx context.Context) error {
		return generator.Run(ctx, generator.Config{
			DatabaseURL: w.DatabaseURL, Redis: w.Redis, Log: slog.New(slog.DiscardHandler), Metrics: registry,
			Leading: func() { close(leads) },
		})
	})
	<-leads
	w.Becomes(first.ID, store.Reserved)
	w.Becomes(second.ID, store.Reserved)
	w.GiveUp(first)
	inspector := asynq.NewInspectorFromRedisClient(w.Redis)
	resting := func() bool {
		for i, id := range sent {
			info, err := inspector.GetTaskInfo(strangers[i%len(strangers)].queue, id)
			if err != nil {
				t.Fatalf("%s is gone: %v", strangers[i%len(strangers)].task.Type(), err)
			}
			if info.State != asynq.TaskStateRetry {
				return false
			}
		}
		return true
	}
	w.Eventually("what is unknown rests in its queue", resting)
	for _, queue := range []string{jobs.QueueReleases, jobs.QueuePurchases} {
		if n := w.Redis.ZCard(w.Ctx, jobs.ListKey(queue, "archived")).Val(); n != 0 {
			t.Errorf("%d tasks of %s were set aside", n, queue)
		}
		if ids, err := w.Line.InHand(w.Ctx, queue); err != nil || len(ids) != 0 {
			t.Errorf("in hand of %s are %v, %v", queue, ids, err)
		}
	}
	if n := counted(t, registry, "guiche_unknown_tasks_total"); n < float64(len(sent)) {
		t.Errorf("%v looks at unknown tasks are counted, want %d at least", n, len(sent))
	}
	stop()

	// The next leader may be of that release: it finds them at the head, before anything newer.
	third := w.JoinAll(1, 1)[0]
	leader, err := store.Lead(w.Ctx, w.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	g := generator.New(w.Ctx, generator.Config{Redis: w.Redis, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()}, leader)
	if err := g.TakeOver(w.Ctx); err != nil {
		t.Fatal(err)
	}
	pending := w.Redis.LRange(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "pending"), 0, -1).Val()
	if len(pending) != 5 || pending[0] != third.ID.String() {
		t.Errorf("in line are %v, with order %s not last", pending, third.ID)
	}
}

// TestAStrangerThatIsDueIsLookedAtAgain waits for no clock: what rests is made due.
func TestAStrangerThatIsDueIsLookedAtAgain(t *testing.T) {
	w := world.New(t, 10)
	w.Generator()
	info, err := asynq.NewClientFromRedisClient(w.Redis).EnqueueContext(w.Ctx, asynq.NewTask("barter", nil),
		asynq.Queue(jobs.QueueReleases), asynq.MaxRetry(jobs.ManyTries), asynq.Deadline(jobs.FarAway))
	if err != nil {
		t.Fatal(err)
	}
	retry := jobs.ListKey(jobs.QueueReleases, "retry")
	rests := func() bool { return w.Redis.ZScore(w.Ctx, retry, info.ID).Val() > 1 }
	w.Eventually("it rests", rests)
	if err := w.Redis.ZAdd(w.Ctx, retry, redis.Z{Score: 1, Member: info.ID}).Err(); err != nil {
		t.Fatal(err)
	}
	w.JoinAll(1, 1) // a claim of the line puts back what is due among the releases
	w.Eventually("it was looked at, and rests again", rests)
}

// counted sums a metric over its labels.
func counted(t *testing.T, from *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}
