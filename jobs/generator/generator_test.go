package generator_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

func TestGeneratorServesInOrder(t *testing.T) {
	w := world.New(t, 10)
	orders := w.JoinAll(9, 2)
	w.Generator()
	for i, o := range orders {
		if i >= 5 {
			w.Becomes(o.ID, store.Waiting)
			continue
		}
		got := w.Becomes(o.ID, store.Reserved)
		if got.Decision != int64(i+1) || got.Number != int64(i+1) {
			t.Errorf("order %d: number %d, decision %d", i+1, got.Number, got.Decision)
		}
		for j, ticket := range got.Tickets {
			if ticket.Number != int64(2*i+j+1) || ticket.Status != store.TicketReserved {
				t.Errorf("order %d has ticket %+v", i+1, ticket)
			}
		}
	}
	w.Balanced(0)
	var s line.Snapshot
	w.Eventually("the cache tells the end of the line", func() bool {
		var err error
		s, err = w.Line.Snapshot(w.Ctx, w.Event.ID)
		return err == nil && s.InLine() == 0
	})
	if s.Free[w.Event.Types[0].ID] != 0 || s.Issued != 10 || len(s.Last) != 10 || s.Last[0] != 10 || s.Waiting != 4 || s.WaitingTickets[w.Event.Types[0].ID] != 8 {
		t.Errorf("cache: %+v", s)
	}
}

func TestLimitHoldsAcrossOrders(t *testing.T) {
	w := world.New(t, 100)
	w.Generator()
	fan := w.Fan()
	first := w.Order(fan, 3)
	w.Join(first)
	w.Becomes(first.ID, store.Reserved)
	if err := w.Nudges.Leave(w.Ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	w.Becomes(first.ID, store.Left)
	w.Eventually("the place is free again", func() bool {
		open, err := w.Line.Open(w.Ctx, w.Event.ID, fan)
		return err == nil && open == uuid.Nil
	})
	for _, step := range []struct {
		quantity int
		want     store.OrderStatus
	}{{5, store.OverLimit}, {3, store.Reserved}} {
		o := w.Order(fan, step.quantity)
		w.Join(o)
		w.Becomes(o.ID, step.want)
	}
	w.Balanced(97)
}

func TestLeavingTheLineGivesTheTurnAway(t *testing.T) {
	w := world.New(t, 2)
	first, second, third := w.Order(w.Fan(), 1), w.Order(w.Fan(), 2), w.Order(w.Fan(), 1)
	for _, o := range []store.QueuedOrder{first, second, third} {
		w.Join(o)
	}
	if err := w.Nudges.Leave(w.Ctx, second.ID); err != nil {
		t.Fatal(err)
	}
	w.Generator()
	w.Becomes(second.ID, store.Left)
	w.Becomes(first.ID, store.Reserved)
	w.Becomes(third.ID, store.Reserved)
	w.Balanced(0)
}

func TestCapacityBelowWhatIsTakenIsRefused(t *testing.T) {
	w := world.New(t, 5)
	w.Generator()
	o := w.Order(w.Fan(), 3)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	for _, step := range []struct {
		capacity int
		outcome  string
		free     int
	}{{2, "refused", 2}, {3, "done", 0}, {50, "done", 47}} {
		change, err := w.DB.AskCapacity(w.Ctx, 0, w.Event.Types[0].ID, step.capacity)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Nudges.SetCapacity(w.Ctx, change); err != nil {
			t.Fatal(err)
		}
		w.Eventually("the change is settled", func() bool {
			books, err := w.DB.Books(w.Ctx, w.Event.ID)
			return err == nil && books[0].Change == step.outcome
		})
		w.Balanced(step.free)
	}
}

func TestPoisonIsSetAsideAndTheLineGoesOn(t *testing.T) {
	w := world.New(t, 5)
	poison := w.Order(w.Fan(), 1)
	poison.EventID = 999999 // no such event: Postgres will always refuse it
	w.Join(poison)
	good := w.Order(w.Fan(), 1)
	w.Join(good)
	w.Generator()
	w.Becomes(good.ID, store.Reserved)
	w.Eventually("the poison is kept where admins see it", func() bool {
		tasks, err := asynq.NewInspectorFromRedisClient(w.Redis).ListArchivedTasks(jobs.QueuePurchases)
		return err == nil && len(tasks) == 1 && tasks[0].ID == poison.ID.String()
	})
}

func TestIdleLineAnswersInMilliseconds(t *testing.T) {
	w := world.New(t, 100)
	w.Generator()
	for range 5 {
		o := w.Order(w.Fan(), 1)
		w.Join(o)
		w.Becomes(o.ID, store.Reserved) // well inside its patience; benchmarks measure the time
	}
}

func TestPoisonIsAGapThatTheAuditKnows(t *testing.T) {
	w := world.New(t, 5)
	first, poison, last := w.Order(w.Fan(), 1), w.Order(w.Fan(), 1), w.Order(w.Fan(), 1)
	poison.TicketTypeID = 999999 // no such type: Postgres will always refuse it
	for _, o := range []store.QueuedOrder{first, poison, last} {
		w.Join(o)
	}
	w.Generator()
	w.Becomes(first.ID, store.Reserved)
	w.Becomes(last.ID, store.Reserved)
	w.Audited()
	w.Eventually("the poison is set aside", func() bool {
		n, err := w.Redis.ZCard(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "archived")).Result()
		return err == nil && n == 1
	})
	w.Audited()
	if err := w.Redis.ZRem(w.Ctx, jobs.ListKey(jobs.QueuePurchases, "archived"), poison.ID.String()).Err(); err != nil {
		t.Fatal(err)
	}
	findings, err := w.DB.Audit(w.Ctx, w.Line.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 || findings[0].Rule != "numbers" || !strings.HasSuffix(findings[0].Place, "number 2") {
		t.Errorf("an order is lost, and the audit finds %+v", findings)
	}
}
