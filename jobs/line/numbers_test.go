package line_test

import (
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/journeys/world"
)

func TestNumbersAreFoundWhereverAnOrderIs(t *testing.T) {
	w := world.New(t, 10)
	var ids []any
	for range 5 {
		o := w.Order(w.Fan(), 1)
		w.Join(o)
		ids = append(ids, o.ID.String())
	}
	pending := jobs.ListKey(jobs.QueuePurchases, "pending")
	move := w.Redis.TxPipeline()
	for _, id := range ids[:4] {
		move.LRem(w.Ctx, pending, 1, id)
	}
	move.LPush(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "active"), ids[0])
	for i, list := range []string{"retry", "archived", "archived"} {
		move.ZAdd(w.Ctx, jobs.ListKey(jobs.QueuePurchases, list), redis.Z{Member: ids[i+1]})
	}
	unreadable := []byte("neither a task nor an order")
	move.HSet(w.Ctx, jobs.TaskKey(jobs.QueuePurchases, ids[3].(string)), "msg", unreadable)
	if _, err := move.Exec(w.Ctx); err != nil {
		t.Fatal(err)
	}
	numbers, err := w.Line.Numbers(w.Ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, n := range numbers {
		if n.EventID != w.Event.ID {
			t.Errorf("number of no event: %+v", n)
		}
		got = append(got, n.Number)
	}
	slices.Sort(got)
	if want := []int64{1, 2, 3, 5}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
}
