package jobs

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store/local"
)

func TestATaskThatDiedWithItsWorkerKeepsNoOtherFromBeingSent(t *testing.T) {
	rdb, err := OpenRedis(t.Context(), local.NewRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	n, now := NewNudges(rdb), time.Unix(1_800_000_000, 0)
	n.now = func() time.Time { return now }
	refund := uuid.New()
	payBack := func(want int64) {
		t.Helper()
		if err := n.PayBack(t.Context(), refund); err != nil {
			t.Fatal(err)
		}
		if waiting := rdb.LLen(t.Context(), ListKey(QueueRefunds, "pending")).Val(); waiting != want {
			t.Errorf("%d tasks are waiting, want %d", waiting, want)
		}
	}
	payBack(1)
	payBack(1) // merged
	id := rdb.LMove(t.Context(), ListKey(QueueRefunds, "pending"), ListKey(QueueRefunds, "active"), "RIGHT", "LEFT").Val()
	if err := rdb.HSet(t.Context(), TaskKey(QueueRefunds, id), "state", "active").Err(); err != nil {
		t.Fatal(err)
	}
	payBack(0) // the worker may be at it
	now = now.Add(mergeTime)
	payBack(1)
}
