package generator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs/generator"
	"guiche/journeys/world"
	"guiche/store"
)

// copyRedis keeps what a Redis holds. The function that it returns puts that back in one step, as if the server had been
// replaced by an older copy of itself.
func copyRedis(w *world.World) (restore func()) {
	w.T.Helper()
	keys, err := w.Redis.Keys(w.Ctx, "*").Result()
	w.Check(err)
	values := map[string]string{}
	for _, k := range keys {
		v, err := w.Redis.Dump(w.Ctx, k).Result()
		if !errors.Is(err, redis.Nil) {
			w.Check(err)
			values[k] = v
		}
	}
	return func() {
		w.T.Helper()
		pipe := w.Redis.TxPipeline()
		pipe.FlushDB(w.Ctx)
		for k, v := range values {
			pipe.RestoreReplace(w.Ctx, k, 0, v)
		}
		_, err := pipe.Exec(w.Ctx)
		w.Check(err)
	}
}

// copyPostgres does the same for the tables.
func copyPostgres(w *world.World) (restore func()) {
	w.T.Helper()
	rows, err := w.Raw.Query(`select tablename from pg_tables where schemaname = 'public'`)
	w.Check(err)
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var t string
		w.Check(rows.Scan(&t))
		tables = append(tables, t)
	}
	w.Set(`create schema before`)
	for _, t := range tables {
		w.Set(`create table before.` + t + ` as table public.` + t)
	}
	return func() {
		w.T.Helper()
		text := []string{`set local session_replication_role = replica`, `truncate ` + strings.Join(tables, ", ")}
		for _, t := range tables {
			var columns string
			w.Check(w.Raw.QueryRow(`select string_agg(quote_ident(column_name), ', ') from information_schema.columns
				where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`, t).Scan(&columns))
			text = append(text, fmt.Sprintf(`insert into public.%[1]s (%[2]s) overriding system value select %[2]s from before.%[1]s`, t, columns))
		}
		tx, err := w.Raw.Begin()
		w.Check(err)
		for _, statement := range text {
			if _, err := tx.Exec(statement); err != nil {
				w.T.Fatalf("%s: %v", statement, err)
			}
		}
		w.Check(tx.Commit())
	}
}

// keepGenerator runs generators one after the other, as a supervisor does.
func keepGenerator(w *world.World) (stop func()) {
	w.T.Helper()
	return w.Role("generators", func(ctx context.Context) error {
		for ctx.Err() == nil {
			_ = generator.Run(ctx, generator.Config{
				DatabaseURL: w.DatabaseURL, Redis: w.Redis, Log: world.Quiet, Metrics: prometheus.NewRegistry(),
			})
		}
		return nil
	})
}

// allDecided waits until every order has come to an end of its wait in line, and checks that their turns came as they stood.
func allDecided(w *world.World, orders []store.QueuedOrder) {
	w.T.Helper()
	var last store.Order
	for _, o := range orders {
		var now store.Order
		w.Eventually("order "+o.ID.String()+" is decided", func() bool {
			var err error
			now, err = w.DB.Order(w.Ctx, o.ID)
			return err == nil && now.Status != store.Queued
		})
		if now.Number <= last.Number || now.Decision > 0 && now.Decision <= last.Decision {
			w.T.Errorf("number %d, decision %d after number %d, decision %d", now.Number, now.Decision, last.Number, last.Decision)
		}
		last = now
	}
}

func TestARedisThatIsAnOlderCopyOfItselfStrandsNobody(t *testing.T) {
	for name, joinFirst := range map[string]bool{"the generator first": false, "fans first": true} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t, 22)
			stop := w.Generator()
			allDecided(w, w.JoinAll(10, 1))
			older := copyRedis(w)
			allDecided(w, w.JoinAll(5, 1))
			stop()
			older()
			var fans []store.QueuedOrder
			if joinFirst {
				fans = w.JoinAll(12, 1)
			}
			keepGenerator(w)
			if !joinFirst {
				w.Eventually("a generator leads", func() bool {
					ready, err := w.Line.Ready(w.Ctx)
					past, pastErr := w.Line.Past(w.Ctx, nil)
					return err == nil && pastErr == nil && ready && past.Epoch > 2
				})
				fans = w.JoinAll(12, 1)
			}
			allDecided(w, fans)
			for i, o := range fans {
				if want := map[bool]store.OrderStatus{true: store.Reserved, false: store.Waiting}[i < 7]; w.Becomes(o.ID, want).Status != want {
					t.Errorf("fan %d", i)
				}
			}
			w.Balanced(0)
		})
	}
}

func TestARedisThatIsReplacedUnderItsLeaderStrandsNobody(t *testing.T) {
	w := world.New(t, 100)
	keepGenerator(w)
	allDecided(w, w.JoinAll(10, 1))
	older := copyRedis(w)
	allDecided(w, w.JoinAll(5, 1))
	older()
	allDecided(w, w.JoinAll(1, 1)) // gets a number that another one has
	w.Eventually("the lines are written anew", func() bool { ready, err := w.Line.Ready(w.Ctx); return err == nil && ready })
	allDecided(w, w.JoinAll(11, 1))
	w.Eventually("fans join as ever", func() bool {
		_, err := w.Line.Join(w.Ctx, w.Order(w.Fan(), 1))
		return err == nil
	})
	w.Eventually("and are decided", func() bool { return w.Count(`select count(*) from orders`) == 28 })
	w.Balanced(100 - 28)
}

func TestAPostgresThatIsOlderThanRedisIsServed(t *testing.T) {
	for name, reigns := range map[string]int{"by one reign": 1, "by many": 4} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t, 10)
			stop := w.Generator()
			kept := w.JoinAll(3, 1)
			allDecided(w, kept)
			stop()
			inLine := []store.QueuedOrder{w.Order(w.Fan(), 1), w.Order(w.Fan(), 1)}
			older := copyPostgres(w)
			var lost []store.QueuedOrder
			for range reigns {
				stop := w.Generator()
				some := w.JoinAll(1, 1)
				allDecided(w, some)
				lost = append(lost, some...)
				stop()
			}
			for _, o := range inLine {
				w.Join(o)
			}
			older()
			w.Generator() // leads at once
			allDecided(w, inLine)
			again := w.JoinAll(4, 1)
			allDecided(w, again)
			for _, o := range slices.Concat(kept, inLine, again) {
				w.Becomes(o.ID, store.Reserved)
			}
			for _, o := range lost { // they may join again
				if open, err := w.Line.Open(w.Ctx, o.EventID, o.AccountID); err != nil || open != uuid.Nil {
					t.Errorf("the place of a lost order is %v, %v", open, err)
				}
			}
			w.Balanced(1)
			s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
			if err != nil || s.Free[w.Event.Types[0].ID] != 1 || s.InLine() != 0 {
				t.Errorf("snapshot %+v, %v", s, err)
			}
		})
	}
}

// A standby that is promoted may miss the last seconds of a reign that goes on.
func TestAPostgresThatLostTheEndOfAReignIsServed(t *testing.T) {
	w := world.New(t, 10)
	stop := w.Generator()
	kept := w.JoinAll(3, 1)
	allDecided(w, kept)
	queued := w.Order(w.Fan(), 1)
	older := copyPostgres(w)
	lost := w.JoinAll(2, 1)
	allDecided(w, lost)
	stop()
	w.Join(queued)
	older()
	w.Generator()
	allDecided(w, []store.QueuedOrder{queued})
	allDecided(w, w.JoinAll(2, 1))
	for _, o := range lost {
		if open, err := w.Line.Open(w.Ctx, o.EventID, o.AccountID); err != nil || open != uuid.Nil {
			t.Errorf("the place of a lost order is %v, %v", open, err)
		}
	}
	w.Balanced(4)
}

func TestAnOrderOfWhatPostgresLostIsSetAside(t *testing.T) {
	w := world.New(t, 10)
	stop := w.Generator()
	stop()
	older := copyPostgres(w)
	w.Generator()()
	stray := w.Order(w.Fan(), 1)
	stray.EventID = 999_999
	w.Join(stray)
	stranger := w.JoinAll(1, 1)[0] // her account is lost too
	older()
	stop = w.Generator()
	defer stop()
	after := w.JoinAll(1, 1)
	allDecided(w, after)
	found, err := w.Line.SetAside(w.Ctx)
	w.Check(err)
	var places string
	for _, f := range found {
		places += f.Place
	}
	if len(found) != 2 || !strings.Contains(places, stray.ID.String()) || !strings.Contains(places, stranger.ID.String()) {
		t.Errorf("set aside are %+v", found)
	}
	w.Booked(9)
}

func TestAnOrderThatCanNeverBeDecidedIsNoSignOfAnOlderPostgres(t *testing.T) {
	w := world.New(t, 10)
	stop := w.Generator()
	allDecided(w, w.JoinAll(1, 1))
	poison := w.Order(w.Fan(), 1)
	poison.TicketTypeID = 999_999
	w.Join(poison)
	w.Eventually("it is set aside", func() bool {
		found, err := w.Line.SetAside(w.Ctx)
		return err == nil && len(found) == 1
	})
	stop()
	w.Generator()
	if o := w.Becomes(w.JoinAll(1, 1)[0].ID, store.Reserved); o.Number > 10 {
		t.Errorf("the line goes on at number %d", o.Number)
	}
}
