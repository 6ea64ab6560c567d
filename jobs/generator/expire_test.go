package generator_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/journeys/world"
	"guiche/store"
)

func TestHoldsExpireTogether(t *testing.T) {
	const n = generator.ClaimMost + 20
	w := world.New(t, n)
	w.Event.HoldSeconds = 0
	var ids []uuid.UUID
	for _, o := range w.JoinAll(n, 1) {
		ids = append(ids, o.ID)
	}
	w.Generator()
	w.Becomes(ids[n-1], store.Reserved)
	lapsed := uuid.New() // one that nobody knows does no harm
	for range 3 {
		if err := w.Nudges.Expire(w.Ctx, append(ids[:n/2:n/2], lapsed)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Nudges.Expire(w.Ctx, ids...); err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.Expire(w.Ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{ids[0], ids[n/2], ids[n-1]} {
		w.Becomes(id, store.Expired)
	}
	w.Balanced(n)
}

func TestHoldsOfOneTaskAreMerged(t *testing.T) {
	w := world.New(t, 1)
	a, b := uuid.New(), uuid.New()
	for _, ids := range [][]uuid.UUID{{a, b}, {a, b}, {a}, {b}, {a}} {
		if err := w.Nudges.Expire(w.Ctx, ids...); err != nil {
			t.Fatal(err)
		}
	}
	if waiting := w.Redis.LLen(w.Ctx, jobs.ListKey(jobs.QueueReleases, "pending")).Val(); waiting != 3 {
		t.Errorf("%d tasks wait, want 3", waiting)
	}
}
