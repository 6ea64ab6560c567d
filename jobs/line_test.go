package jobs

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/store"
)

func TestLineKnowsAsynq(t *testing.T) {
	w := newWorld(t, 1)
	if err := w.line.Check(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.rdb.ConfigSet(w.ctx, "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if err := w.line.Check(w.ctx); err == nil {
		t.Error("a Redis that evicts keys was accepted")
	}
}

func TestJoinGivesNumberAndPlaceTogether(t *testing.T) {
	w := newWorld(t, 1)
	const producers, each = 8, 50
	accounts := make([]int64, producers*each)
	for i := range accounts {
		accounts[i] = int64(i + 1)
	}
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := range each {
				if _, err := w.line.Join(w.ctx, w.order(accounts[p*each+i], 1+i%4)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ids, err := w.rdb.LRange(w.ctx, listKey(queuePurchases, "pending"), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != producers*each {
		t.Fatalf("%d tasks for %d orders", len(ids), producers*each)
	}
	var before int64
	for i := range ids { // the head is at the right end
		place, err := w.line.Find(w.ctx, uuid.MustParse(ids[len(ids)-1-i]))
		if err != nil {
			t.Fatal(err)
		}
		if place.Order.Number != int64(i+1) || place.Before != before {
			t.Fatalf("in place %d stands number %d with %d tickets before it, want %d", i+1, place.Order.Number, place.Before, before)
		}
		before += int64(place.Order.Quantity)
	}
}

func TestJoinIsOncePerOrderAndAccount(t *testing.T) {
	w := newWorld(t, 1)
	o := w.order(1, 2)
	if j := w.join(o); !j.Fresh || j.OrderID != o.ID {
		t.Fatalf("first: %+v", j)
	}
	if j := w.join(o); j.Fresh || j.OrderID != o.ID {
		t.Errorf("the same form again: %+v", j)
	}
	if j := w.join(w.order(1, 1)); j.Fresh || j.OrderID != o.ID {
		t.Errorf("another form of the account: %+v", j)
	}
	stolen := w.order(2, 1)
	stolen.ID = o.ID
	if _, err := w.line.Join(w.ctx, stolen); !errors.Is(err, ErrForeign) {
		t.Errorf("another account's order id: %v", err)
	}
	if open, err := w.line.Open(w.ctx, w.event.ID, 1); err != nil || open != o.ID {
		t.Errorf("open order: %v, %v", open, err)
	}
	if err := w.line.Close(w.ctx, w.event.ID, 1, uuid.New()); err != nil {
		t.Fatal(err)
	}
	if open, _ := w.line.Open(w.ctx, w.event.ID, 1); open != o.ID {
		t.Error("closing another order freed the place")
	}
	info, err := asynq.NewInspectorFromRedisClient(w.rdb).GetQueueInfo(queuePurchases)
	if err != nil || info.Pending != 1 {
		t.Errorf("asynq sees %+v, %v", info, err)
	}
	if _, err := w.line.Find(w.ctx, uuid.New()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown order: %v", err)
	}
}

func TestOrphansGoBackToTheHead(t *testing.T) {
	w := newWorld(t, 1)
	var want []string
	for i := range 4 {
		want = append([]string{w.join(w.order(int64(i+1), 1)).OrderID.String()}, want...)
	}
	pending, active := listKey(queuePurchases, "pending"), listKey(queuePurchases, "active")
	for range 2 {
		if err := w.rdb.RPopLPush(w.ctx, pending, active).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.line.putBack(w.ctx, queuePurchases); err != nil {
		t.Fatal(err)
	}
	got, err := w.rdb.LRange(w.ctx, pending, 0, -1).Result()
	if err != nil || len(got) != len(want) {
		t.Fatalf("pending %v, %v", got, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("order changed: %v, want %v", got, want)
		}
	}
}
