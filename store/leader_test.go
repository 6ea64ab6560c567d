package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func TestOnlyOneLeads(t *testing.T) {
	w := newWorld(t, 10)
	ctx, cancel := context.WithTimeout(w.Ctx, 300*time.Millisecond)
	defer cancel()
	if second, err := store.Lead(ctx, w.DatabaseURL); err == nil {
		second.Close()
		t.Fatal("two lead")
	} else if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	first := w.leader.Epoch()
	w.leader.Close()
	if second := w.Lead(); second.Epoch() != first+1 {
		t.Errorf("epoch %d after %d", second.Epoch(), first)
	}
}

func TestALeaderThatLostItsLockWritesNothing(t *testing.T) {
	w := newWorld(t, 10)
	old := w.leader
	w.cutOff()
	w.leader = w.Lead()
	if w.leader.Epoch() <= old.Epoch() {
		t.Errorf("epoch %d after %d", w.leader.Epoch(), old.Epoch())
	}
	o := w.wish(w.Fan(), 2)
	_, err := old.Decide([]store.QueuedOrder{o}, nil, everybody(store.Reserved))
	w.wantErr(err, store.ErrLostLead)
	w.decide(o, store.Reserved)
	w.wantFree(8)
}

func TestALeaderThatIsCutOffWhileDecidingWritesNothing(t *testing.T) {
	w := newWorld(t, 10)
	o := w.wish(w.Fan(), 2)
	_, err := w.leader.Decide([]store.QueuedOrder{o}, nil, func(d store.Inputs) []store.Decision {
		w.cutOff()
		return everybody(store.Reserved)(d)
	})
	w.wantErr(err, store.ErrLostLead)
	if n := w.Count(`select (select count(*) from orders) + (select count(*) from tickets)`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
	w.wantFree(10)
	w.leader = w.Lead()
	w.decide(o, store.Reserved)
}

func TestAHigherEpochFencesEveryTransaction(t *testing.T) {
	w := newWorld(t, 10)
	held, paid := w.reserve(w.Fan(), 1), w.buy(w.Fan(), 1)
	r := w.refund(paid)
	change, err := w.DB.AskCapacity(w.Ctx, w.Admin, w.kind.ID, 50)
	w.Check(err)
	w.Set(`update orders set reserved_until = now() where id = $1`, held.ID)
	wish := w.wish(w.Fan(), 1)
	w.Set(`update generator set epoch = epoch + 1`)
	for name, write := range map[string]func() (store.Outcome, error){
		"decide": func() (store.Outcome, error) {
			return w.leader.Decide([]store.QueuedOrder{wish}, nil, everybody(store.Reserved))
		},
		"expire":     func() (store.Outcome, error) { return w.leader.Expire([]uuid.UUID{held.ID}) },
		"leave":      func() (store.Outcome, error) { return w.leader.Leave([]uuid.UUID{held.ID}) },
		"leave line": func() (store.Outcome, error) { return w.leader.LeaveLine([]store.QueuedOrder{wish}) },
		"return":     func() (store.Outcome, error) { return w.leader.Return([]uuid.UUID{r.ID}) },
		"capacity":   func() (store.Outcome, error) { return w.leader.SetCapacity([]int64{change}) },
		"recount":    w.leader.Recount,
	} {
		if _, err := write(); !errors.Is(err, store.ErrLostLead) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.wantStatus(held.ID, store.Reserved)
	w.wantFree(8)
	if n := w.Count(`select count(*) from orders`); n != 2 {
		t.Errorf("%d orders", n)
	}
}

func TestANewLeaderWaitsForTheTransactionOfTheOld(t *testing.T) {
	w := newWorld(t, 10)
	raised := make(chan error, 1)
	o := w.wish(w.Fan(), 1)
	_, err := w.leader.Decide([]store.QueuedOrder{o}, nil, func(d store.Inputs) []store.Decision {
		go func() {
			_, err := w.Raw.Exec(`update generator set epoch = epoch + 1`)
			raised <- err
		}()
		w.Eventually("the new epoch waits", func() bool {
			return w.Count(`select count(*) from pg_locks where not granted`) > 0
		})
		return everybody(store.Reserved)(d)
	})
	w.Check(err)
	w.Check(<-raised)
	_, err = w.leader.Decide([]store.QueuedOrder{w.wish(w.Fan(), 1)}, nil, everybody(store.Reserved))
	w.wantErr(err, store.ErrLostLead)
	w.wantFree(9)
}

func TestOutcomesAreNumbered(t *testing.T) {
	w := newWorld(t, 10)
	a, err := w.leader.Recount()
	w.Check(err)
	b, err := w.leader.Recount()
	w.Check(err)
	if a.Epoch != b.Epoch || b.Batch <= a.Batch {
		t.Errorf("%d.%d is followed by %d.%d", a.Epoch, a.Batch, b.Epoch, b.Batch)
	}
	w.reserve(w.Fan(), 3)
	c, err := w.leader.Recount()
	w.Check(err)
	counts := c.Counts[0]
	if counts.EventID != w.Event.ID || counts.Free[w.kind.ID] != 7 || counts.Issued != 3 || len(counts.Last) != 3 || counts.Last[0] != 3 {
		t.Errorf("the counts are %+v", counts)
	}
}

// cutOff ends the leader's session, as a network or a restart of Postgres does, and waits until its lock is free.
func (w *world) cutOff() {
	w.T.Helper()
	w.Set(`select pg_terminate_backend(pid) from pg_locks
		where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`)
	w.Eventually("the lock is free", func() bool {
		return w.Count(`select count(*) from pg_locks
			where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`) == 0
	})
}
