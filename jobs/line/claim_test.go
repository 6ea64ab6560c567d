package line_test

import (
	"slices"
	"testing"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"

	"github.com/redis/go-redis/v9"
)

func TestAClaimWhoseReplyWasLostIsRepeated(t *testing.T) {
	w := world.New(t, 1)
	var joined []string
	for account := range int64(9) {
		joined = append(joined, w.Join(w.Order(account+1, 1)).OrderID.String())
	}
	pending, active := jobs.ListKey(jobs.QueuePurchases, "pending"), jobs.ListKey(jobs.QueuePurchases, "active")
	own := w.Redis.RPopLPush(w.Ctx, pending, active).Val()
	ids := func(tasks []line.Task, err error) (ids []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			ids = append(ids, task.ID)
		}
		return ids
	}
	if got := ids(w.Line.Claim(w.Ctx, 1, jobs.QueuePurchases, own, 2)); !slices.Equal(got, joined[:2]) {
		t.Fatalf("claimed %v", got)
	}
	next := func(name string) []string {
		t.Helper()
		return ids(w.Line.ClaimNext(w.Ctx, 1, jobs.QueuePurchases, own, 3, name))
	}
	for range 3 {
		if got := next("second"); !slices.Equal(got, joined[2:5]) {
			t.Fatalf("the second claim has %v, want %v", got, joined[2:5])
		}
	}
	if err := w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: joined[1:2]}, false); err != nil {
		t.Fatal(err)
	}
	if got := next("third"); !slices.Equal(got, joined[5:8]) {
		t.Fatalf("the third claim has %v, want %v", got, joined[5:8])
	}
	if err := w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: joined[2:5]}, false); err != nil {
		t.Fatal(err)
	}
	if got := next("third"); !slices.Equal(got, joined[5:8]) {
		t.Fatalf("the third claim has %v again, want %v", got, joined[5:8])
	}
	if got := next("fourth"); !slices.Equal(got, joined[8:]) {
		t.Fatalf("the fourth claim has %v, want %v", got, joined[8:])
	}
	for range 2 {
		w.Join(w.Order(10, 1)) // after the first one, this is the same order again
		if got := next("fifth"); len(got) != 1 {
			t.Fatalf("the fifth claim has %v", got)
		}
	}
}

func TestWhatIsDoneLeavesTheHandWhereverItStands(t *testing.T) {
	w := world.New(t, 1)
	var joined []string
	for account := range int64(7) {
		joined = append(joined, w.Join(w.Order(account+1, 1)).OrderID.String())
	}
	own := w.Redis.RPopLPush(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "pending"), jobs.ListKey(jobs.QueuePurchases, "active")).Val()
	if _, err := w.Line.Claim(w.Ctx, 1, jobs.QueuePurchases, own, 7); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ done, poison, left []string }{
		{done: joined[1:3], left: joined[3:]}, // the oldest
		{done: joined[4:5], left: []string{joined[3], joined[5], joined[6]}},
		{done: joined[3:4], poison: joined[6:], left: joined[5:6]},
		{done: joined[3:4], left: joined[5:6]}, // again, after a lost reply
		{done: joined[5:6]},
	} {
		if err := w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: step.done, Poison: step.poison}, false); err != nil {
			t.Fatal(err)
		}
		inHand, err := w.Line.InHand(w.Ctx, jobs.QueuePurchases)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(inHand)
		if want := append([]string{own}, step.left...); !slices.Equal(inHand, want) {
			t.Fatalf("in hand are %v, want %v", inHand, want)
		}
	}
	for i, id := range joined[1:] {
		if n := w.Redis.Exists(w.Ctx, jobs.TaskKey(jobs.QueuePurchases, id)).Val(); n == 1 != (i == 5) {
			t.Errorf("%d tasks of order %d are kept", n, i+2)
		}
	}
}

// A leader that was stopped wakes, and its asynq takes the head of the line although a newer one leads.
func TestWhatAWokenLeaderTakesIsServedAtItsTurn(t *testing.T) {
	w := world.New(t, 1)
	var joined []string
	for account := range int64(12) {
		joined = append(joined, w.Join(w.Order(account+1, 1)).OrderID.String())
	}
	pending, active, lease := jobs.ListKey(jobs.QueuePurchases, "pending"), jobs.ListKey(jobs.QueuePurchases, "active"), jobs.ListKey(jobs.QueuePurchases, "lease")
	steal := func() {
		t.Helper()
		id := w.Redis.RPopLPush(w.Ctx, pending, active).Val()
		w.Check(w.Redis.ZAdd(w.Ctx, lease, redis.Z{Score: 1, Member: id}).Err())
	}
	claimed := func(want []string, tasks []line.Task, err error) {
		t.Helper()
		w.Check(err)
		var ids []string
		for _, task := range tasks {
			ids = append(ids, task.ID)
		}
		if !slices.Equal(ids, want) {
			t.Fatalf("claimed %v, want %v", ids, want)
		}
	}
	own := w.Redis.RPopLPush(w.Ctx, pending, active).Val()
	tasks, err := w.Line.Claim(w.Ctx, 1, jobs.QueuePurchases, own, 3)
	claimed(joined[:3], tasks, err)
	steal()
	steal()
	w.Check(w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: joined[1:3]}, false))
	for range 2 { // repeated, since the reply was lost
		tasks, err = w.Line.ClaimNext(w.Ctx, 1, jobs.QueuePurchases, own, 2, "a")
		claimed(joined[3:7], tasks, err)
	}
	if n := w.Redis.ZCard(w.Ctx, lease).Val(); n != 0 {
		t.Errorf("%d leases are left, by which asynq would take them away", n)
	}
	tasks, err = w.Line.ClaimNext(w.Ctx, 1, jobs.QueuePurchases, own, 2, "b")
	claimed(joined[7:9], tasks, err)
	for range 2 {
		w.Check(w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: joined[3:7]}, false))
	}
	steal()
	w.Check(w.Line.Acknowledge(w.Ctx, 1, jobs.QueuePurchases, own, line.Fates{Done: joined[7:9]}, false))
	tasks, err = w.Line.ClaimNext(w.Ctx, 1, jobs.QueuePurchases, own, 5, "c")
	claimed(joined[9:], tasks, err)
}
