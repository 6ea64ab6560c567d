package line_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

func TestLineKnowsAsynq(t *testing.T) {
	w := world.New(t, 1)
	if err := w.Line.Check(w.Ctx); err != nil {
		t.Fatal(err)
	}
	if err := w.Redis.ConfigSet(w.Ctx, "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if err := w.Line.Check(w.Ctx); err == nil {
		t.Error("a Redis that evicts keys was accepted")
	}
}

func TestJoinGivesNumberAndPlaceTogether(t *testing.T) {
	w := world.New(t, 1)
	const producers, each = 8, 50
	accounts := make([]int64, producers*each)
	for i := range accounts {
		accounts[i] = int64(i + 1)
	}
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := range each {
				if _, err := w.Line.Join(w.Ctx, w.Order(accounts[p*each+i], 1+i%4)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	ids, err := w.Redis.LRange(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "pending"), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != producers*each {
		t.Fatalf("%d tasks for %d orders", len(ids), producers*each)
	}
	var before int64
	for i := range ids { // the head is at the right end
		place, err := w.Line.Find(w.Ctx, uuid.MustParse(ids[len(ids)-1-i]))
		if err != nil {
			t.Fatal(err)
		}
		if place.Number != int64(i+1) || place.Before != before {
			t.Fatalf("in place %d stands number %d with %d tickets before it, want %d", i+1, place.Number, place.Before, before)
		}
		before += int64(place.Quantity)
	}
}

func TestJoinIsOncePerOrderAndAccount(t *testing.T) {
	w := world.New(t, 1)
	o := w.Order(1, 2)
	if j := w.Join(o); !j.Fresh || j.OrderID != o.ID {
		t.Fatalf("first: %+v", j)
	}
	if j := w.Join(o); j.Fresh || j.OrderID != o.ID {
		t.Errorf("the same form again: %+v", j)
	}
	if j := w.Join(w.Order(1, 1)); j.Fresh || j.OrderID != o.ID {
		t.Errorf("another form of the account: %+v", j)
	}
	stolen := w.Order(2, 1)
	stolen.ID = o.ID
	if _, err := w.Line.Join(w.Ctx, stolen); !errors.Is(err, line.ErrForeign) {
		t.Errorf("another account's order id: %v", err)
	}
	if open, err := w.Line.Open(w.Ctx, w.Event.ID, 1); err != nil || open != o.ID {
		t.Errorf("open order: %v, %v", open, err)
	}
	if err := w.Line.Close(w.Ctx, w.Event.ID, 1, uuid.New()); err != nil {
		t.Fatal(err)
	}
	if open, _ := w.Line.Open(w.Ctx, w.Event.ID, 1); open != o.ID {
		t.Error("closing another order freed the place")
	}
	info, err := asynq.NewInspectorFromRedisClient(w.Redis).GetQueueInfo(jobs.QueuePurchases)
	if err != nil || info.Pending != 1 {
		t.Errorf("asynq sees %+v, %v", info, err)
	}
	if _, err := w.Line.Find(w.Ctx, uuid.New()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown order: %v", err)
	}
}

func TestOrphansGoBackToTheHead(t *testing.T) {
	w := world.New(t, 1)
	var want []string
	for i := range 4 {
		want = append([]string{w.Join(w.Order(int64(i+1), 1)).OrderID.String()}, want...)
	}
	pending, active := jobs.ListKey(jobs.QueuePurchases, "pending"), jobs.ListKey(jobs.QueuePurchases, "active")
	for range 2 {
		if err := w.Redis.RPopLPush(w.Ctx, pending, active).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Line.PutBack(w.Ctx, 1_000, jobs.QueuePurchases); err != nil {
		t.Fatal(err)
	}
	got, err := w.Redis.LRange(w.Ctx, pending, 0, -1).Result()
	if err != nil || len(got) != len(want) {
		t.Fatalf("pending %v, %v", got, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("order changed: %v, want %v", got, want)
		}
	}
}

func TestARedisThatForgotTheScriptIsToldOfManyEventsAllTheSame(t *testing.T) {
	w := world.New(t, 10)
	other := w.OtherEvent(10)
	for range 2 {
		w.Check(w.Redis.ScriptFlush(w.Ctx).Err())
		w.Check(w.Line.Tell(w.Ctx, store.Outcome{Epoch: 7, Batch: 1, Counts: []store.Counts{
			{EventID: w.Event.ID, Free: map[int64]int{w.Event.Types[0].ID: 4}}, {EventID: other.ID, Free: map[int64]int{other.Types[0].ID: 3}},
		}}, nil))
	}
	all, err := w.Line.Snapshots(w.Ctx, w.Event.ID, other.ID)
	w.Check(err)
	if all[0].Free[w.Event.Types[0].ID] != 4 || all[1].Free[other.Types[0].ID] != 3 {
		t.Errorf("%+v", all)
	}
}

func TestASaleOpensAndEndsByOneClock(t *testing.T) {
	w := world.New(t, 10)
	at := func(opens, ends time.Duration) store.Event {
		e := w.Event
		now := w.Redis.Time(w.Ctx).Val()
		e.SaleStartsAt, e.SaleEndsAt = now.Add(opens), now.Add(ends)
		return e
	}
	o := w.Order(w.Fan(), 1)
	for name, e := range map[string]store.Event{"ahead": at(time.Minute, time.Hour), "over": at(-time.Hour, -time.Second)} {
		if j, err := w.Line.JoinSale(w.Ctx, o, e); !errors.Is(err, line.ErrNotOnSale) {
			t.Errorf("%s: joined %+v, %v", name, j, err)
		}
	}
	for range 2 {
		if j, err := w.Line.JoinSale(w.Ctx, o, at(-time.Minute, time.Hour)); err != nil || j.OrderID != o.ID {
			t.Errorf("joined %+v, %v", j, err)
		}
	}
	if j, err := w.Line.JoinSale(w.Ctx, o, at(-time.Hour, -time.Second)); err != nil || j.OrderID != o.ID || j.Fresh { // what was accepted is honoured
		t.Errorf("joined %+v, %v", j, err)
	}
}

func TestALeaderOfBeforeTellsNothing(t *testing.T) {
	w := world.New(t, 10)
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	w.Check(w.Redis.Set(w.Ctx, "guiche:epoch", 9, 0).Err())
	before, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
	w.Check(err)
	passed := line.Passed{}
	o.Number = 1
	passed.Add(o)
	gone := store.Order{QueuedOrder: o, Status: store.SoldOut}
	err = w.Line.Tell(w.Ctx, store.Outcome{Epoch: 8, Batch: 99, Orders: []store.Order{gone}}, passed)
	if !errors.Is(err, line.ErrNotOurs) || !errors.Is(err, store.ErrLostLead) {
		t.Errorf("telling: %v", err)
	}
	after, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
	w.Check(err)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("the line was %+v, is %+v", before, after)
	}
	if open, err := w.Line.Open(w.Ctx, o.EventID, o.AccountID); err != nil || open != o.ID {
		t.Errorf("the place is %v, %v", open, err)
	}
	if err := w.Line.PutBack(w.Ctx, 8, jobs.QueuePurchases); !errors.Is(err, line.ErrNotOurs) {
		t.Errorf("putting back: %v", err)
	}
}
