package jobs

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestIDsOfARelease(t *testing.T) {
	var ids []uuid.UUID
	for n := 1; n <= 3; n++ {
		ids = append(ids, uuid.New())
		list := formatIDs(ids)
		got, err := parseIDs(list)
		if err != nil || !slices.Equal(got, ids) {
			t.Errorf("%s reads as %v, %v", list, got, err)
		}
		if countIDs(list) != n {
			t.Errorf("%s has %d ids", list, countIDs(list))
		}
	}
	for _, list := range []string{"", " ", "1", ids[0].String() + " ", ids[0].String() + "," + ids[1].String()} {
		if got, err := parseIDs([]byte(list)); err == nil {
			t.Errorf("%q reads as %v", list, got)
		}
	}
	if countIDs([]byte("12")) != 1 {
		t.Error("a number is one id")
	}
}

func TestHoldsExpireTogether(t *testing.T) {
	const n = claimMost + 20
	w := newWorld(t, n)
	w.event.HoldSeconds = 0
	var ids []uuid.UUID
	for _, o := range w.joinAll(n, 1) {
		ids = append(ids, o.ID)
	}
	w.generator()
	w.becomes(ids[n-1], store.Reserved)
	lapsed := uuid.New() // one that nobody knows does no harm
	for range 3 {
		if err := w.nudges.Expire(w.ctx, append(ids[:n/2:n/2], lapsed)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.nudges.Expire(w.ctx, ids...); err != nil {
		t.Fatal(err)
	}
	if err := w.nudges.Expire(w.ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{ids[0], ids[n/2], ids[n-1]} {
		w.becomes(id, store.Expired)
	}
	w.balanced(n)
}

func TestHoldsOfOneTaskAreMerged(t *testing.T) {
	w := newWorld(t, 1)
	a, b := uuid.New(), uuid.New()
	for _, ids := range [][]uuid.UUID{{a, b}, {a, b}, {a}, {b}, {a}} {
		if err := w.nudges.Expire(w.ctx, ids...); err != nil {
			t.Fatal(err)
		}
	}
	if waiting := w.rdb.LLen(w.ctx, listKey(queueReleases, "pending")).Val(); waiting != 3 {
		t.Errorf("%d tasks wait, want 3", waiting)
	}
}
