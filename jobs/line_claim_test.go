package jobs

import (
	"slices"
	"testing"
)

func TestAClaimWhoseReplyWasLostIsRepeated(t *testing.T) {
	w := newWorld(t, 1)
	var joined []string
	for account := range int64(9) {
		joined = append(joined, w.join(w.order(account+1, 1)).OrderID.String())
	}
	pending, active := listKey(queuePurchases, "pending"), listKey(queuePurchases, "active")
	own := w.rdb.RPopLPush(w.ctx, pending, active).Val()
	ids := func(tasks []task, err error) (ids []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			ids = append(ids, task.id)
		}
		return ids
	}
	if got := ids(w.line.claim(w.ctx, 1, queuePurchases, own, 2)); !slices.Equal(got, joined[:2]) {
		t.Fatalf("claimed %v", got)
	}
	next := func(name string) []string {
		t.Helper()
		return ids(w.line.claimNext(w.ctx, 1, queuePurchases, own, 3, name))
	}
	for range 3 {
		if got := next("second"); !slices.Equal(got, joined[2:5]) {
			t.Fatalf("the second claim has %v, want %v", got, joined[2:5])
		}
	}
	if err := w.line.acknowledge(w.ctx, 1, queuePurchases, own, joined[1:2], nil, false); err != nil {
		t.Fatal(err)
	}
	if got := next("third"); !slices.Equal(got, joined[5:8]) {
		t.Fatalf("the third claim has %v, want %v", got, joined[5:8])
	}
	if err := w.line.acknowledge(w.ctx, 1, queuePurchases, own, joined[2:5], nil, false); err != nil {
		t.Fatal(err)
	}
	if got := next("third"); !slices.Equal(got, joined[5:8]) {
		t.Fatalf("the third claim has %v again, want %v", got, joined[5:8])
	}
	if got := next("fourth"); !slices.Equal(got, joined[8:]) {
		t.Fatalf("the fourth claim has %v, want %v", got, joined[8:])
	}
	for range 2 {
		w.join(w.order(10, 1)) // after the first one, this is the same order again
		if got := next("fifth"); len(got) != 1 {
			t.Fatalf("the fifth claim has %v", got)
		}
	}
}

func TestWhatIsDoneLeavesTheHandWhereverItStands(t *testing.T) {
	w := newWorld(t, 1)
	var joined []string
	for account := range int64(7) {
		joined = append(joined, w.join(w.order(account+1, 1)).OrderID.String())
	}
	own := w.rdb.RPopLPush(w.ctx, listKey(queuePurchases, "pending"), listKey(queuePurchases, "active")).Val()
	if _, err := w.line.claim(w.ctx, 1, queuePurchases, own, 7); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ done, poison, left []string }{
		{done: joined[1:3], left: joined[3:]}, // the oldest
		{done: joined[4:5], left: []string{joined[3], joined[5], joined[6]}},
		{done: joined[3:4], poison: joined[6:], left: joined[5:6]},
		{done: joined[3:4], left: joined[5:6]}, // again, after a lost reply
		{done: joined[5:6]},
	} {
		if err := w.line.acknowledge(w.ctx, 1, queuePurchases, own, step.done, step.poison, false); err != nil {
			t.Fatal(err)
		}
		inHand, err := w.line.inHand(w.ctx, queuePurchases)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(inHand)
		if want := append([]string{own}, step.left...); !slices.Equal(inHand, want) {
			t.Fatalf("in hand are %v, want %v", inHand, want)
		}
	}
	for i, id := range joined[1:] {
		if n := w.rdb.Exists(w.ctx, taskKey(queuePurchases, id)).Val(); n == 1 != (i == 5) {
			t.Errorf("%d tasks of order %d are kept", n, i+2)
		}
	}
}
