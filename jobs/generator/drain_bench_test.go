package generator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/generator"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
)

// bench is a world that is measured.
type bench struct{ *world.World }

// benchWorld is a shop on durable servers: Redis at appendfsync always, Postgres with synchronous commit.
func benchWorld(b *testing.B, accounts int) *bench {
	b.Helper()
	ctx := context.Background()
	pg, err := local.StartPostgres(ctx, local.PostgresOptions{Folder: local.NewFolder(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pg.Kill)
	rd, err := local.StartRedis(ctx, local.RedisOptions{Folder: local.NewFolder(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(rd.Kill)
	if err := store.Migrate(ctx, pg.URL); err != nil {
		b.Fatal(err)
	}
	w := &bench{&world.World{T: b, Ctx: ctx, DatabaseURL: pg.URL}}
	w.Open(rd.URL, accounts*4)
	w.Set(`insert into accounts (name, email, password_hash)
		select 'Fan', 'fan-' || n || '@guiche.test', '-' from generate_series(1, $1) n`, accounts)
	for _, settle := range []string{`vacuum analyze`, `checkpoint`} {
		w.Set(settle)
	}
	return w
}

// crowd is a number of accounts in no order, as fans come; two crowds of one size are the same.
type crowd int64

func (c crowd) account(i int) int64 { return int64(i)*crowdStep%int64(c) + 1 }

// crowdStep is a prime that no round number of accounts shares a factor with.
const crowdStep = 7_368_787

// fill lets accounts of a crowd join the line, from many producers.
func (w *bench) fill(c crowd, from, to int) {
	w.T.Helper()
	var all sync.WaitGroup
	next := make(chan int64, 64)
	for range 32 {
		all.Go(func() {
			for account := range next {
				o := w.Order(account, 1)
				o.ID = uuid.Must(uuid.NewV7()) // as the form of the event's page makes them
				if _, err := w.Line.Join(w.Ctx, o); err != nil {
					w.T.Error(err)
				}
			}
		})
	}
	for i := from; i < to; i++ {
		next <- c.account(i)
	}
	close(next)
	all.Wait()
}

// head is the highest number whose turn came.
func (w *bench) head() int64 {
	s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return s.Head
}

// rateTo returns how many orders are decided and told per second, from now until the line has come to a number.
func (w *bench) rateTo(number int64) float64 {
	start, from := time.Now(), w.head()
	w.until(func() bool { return w.head() >= number })
	return float64(w.head()-from) / time.Since(start).Seconds()
}

// drain serves a filled line with the generator as it is. It returns orders per second, from the moment that it leads
// until the last order is told.
func drain(b *testing.B, n int) float64 {
	b.Helper()
	w := benchWorld(b, n)
	w.fill(crowd(n), 0, n)
	stop := w.Generator()
	rate := w.rateTo(int64(n))
	stop()
	w.Booked(n * 3)
	return rate
}

// until waits as long as it takes.
func (w *bench) until(ok func() bool) {
	w.T.Helper()
	w.Check(world.Until(w.Ctx, ok))
}

// idle measures the time from joining an empty line to the reservation, one fan after the other.
func idle(b *testing.B, n int) (median, p99 time.Duration) {
	b.Helper()
	w := benchWorld(b, n)
	w.Generator()
	took := make([]time.Duration, n)
	for i := range took {
		o := w.Order(int64(i+1), 1)
		start := time.Now()
		w.Join(o)
		w.until(func() bool {
			s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
			return err == nil && s.Head > int64(i)
		})
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[n/2], took[n*99/100]
}

// benchSpeed measures the generator beside what it is compared with, one after the other.
func benchSpeed(b *testing.B, t *strings.Builder) {
	n := *benchOrders
	few := min(n, 5_000) // the slow ones need no more
	rows := []struct {
		name string
		n    int
		rate float64
	}{
		{"(a) the generator: claims, rules, constraints, telling", n, drain(b, n)},
		{"(b) plain asynq: one task and one transaction per order", few, drainPlain(b, few)},
		{"(c) one hot row: single statements from 16 connections, no line", few, sellHotRow(b, few, 16)},
		{"(d) the limit of this Postgres: the same rows, nothing else", n, writeRows(b, n, generator.ClaimMost)},
	}
	b.ReportMetric(rows[0].rate, "orders/s")
	median, p99 := idle(b, min(n, 1_000))
	fmt.Fprintf(t, "| what | orders | orders/s | (a) is this many times as fast |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(t, "| %s | %d | %.0f | %.2f |\n", r.name, r.n, r.rate, rows[0].rate/r.rate)
	}
	fmt.Fprintf(t, "\nAccepted to reserved and told on an idle system: median %s, p99 %s.\n",
		median.Round(100*time.Microsecond), p99.Round(100*time.Microsecond))
}
