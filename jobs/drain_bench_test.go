package jobs

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/store"
	"guiche/store/local"
)

var (
	benchOrders = flag.Int("orders", 200_000, "orders in the line of the benchmark")
	benchReport = flag.String("report", "", "file for the benchmark's table")
)

// benchWorld is a shop on durable servers: Redis at appendfsync always, Postgres with synchronous commit.
func benchWorld(b *testing.B, accounts int) *world {
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
	w := &world{t: b, ctx: ctx, databaseURL: pg.URL}
	w.open(rd.URL, accounts*4)
	raw := rawDB(b, pg.URL)
	if _, err := raw.Exec(`insert into accounts (name, email, password_hash)
		select 'Fan', 'fan-' || n || '@guiche.test', '-' from generate_series(1, $1) n`, accounts); err != nil {
		b.Fatal(err)
	}
	if _, err := raw.Exec(`vacuum analyze`); err != nil {
		b.Fatal(err)
	}
	return w
}

func rawDB(b testing.TB, url string) *sql.DB {
	b.Helper()
	raw, err := sql.Open("postgres", url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = raw.Close() })
	return raw
}

// fill lets n accounts join the line, from many producers.
func (w *world) fill(n int) {
	w.t.Helper()
	var all sync.WaitGroup
	next := make(chan int64, 64)
	for range 32 {
		all.Go(func() {
			for account := range next {
				o := w.order(account, 1)
				o.ID = uuid.Must(uuid.NewV7()) // as the form of the event's page makes them
				if _, err := w.line.Join(w.ctx, o); err != nil {
					w.t.Error(err)
				}
			}
		})
	}
	for account := range n {
		next <- int64(account + 1)
	}
	close(next)
	all.Wait()
}

// drain serves a filled line with the generator as it is. It returns orders per second, from the moment that it leads
// until the last order is told.
func drain(b *testing.B, n int) float64 {
	b.Helper()
	w := benchWorld(b, n)
	w.fill(n)
	ctx, stop := context.WithCancel(context.Background())
	ended, leads := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- RunGenerator(ctx, GeneratorConfig{
			DatabaseURL: w.databaseURL, Redis: w.rdb, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}()
	<-leads
	start := time.Now()
	w.until(func() bool {
		s, err := w.cache.Snapshot(ctx, w.event.ID)
		if err != nil {
			b.Fatal(err)
		}
		return s.Head >= int64(n)
	})
	rate := float64(n) / time.Since(start).Seconds()
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	w.booked(n * 3)
	return rate
}

// until waits as long as it takes.
func (w *world) until(ok func() bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		<-tick.C
	}
}

// idle measures the time from joining an empty line to the reservation, one fan after the other.
func idle(b *testing.B, n int) (median, p99 time.Duration) {
	b.Helper()
	w := benchWorld(b, n)
	w.generator()
	took := make([]time.Duration, n)
	for i := range took {
		o := w.order(int64(i+1), 1)
		start := time.Now()
		w.join(o)
		w.until(func() bool {
			s, err := w.cache.Snapshot(w.ctx, w.event.ID)
			return err == nil && s.Head > int64(i)
		})
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[n/2], took[n*99/100]
}

// BenchmarkLine measures the line beside what it is compared with, and writes a table if it is asked to.
func BenchmarkLine(b *testing.B) {
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
		{"(d) the limit of this Postgres: the same rows, nothing else", n, writeRows(b, n, claimMost)},
	}
	b.ReportMetric(rows[0].rate, "orders/s")
	median, p99 := idle(b, min(n, 1_000))
	var t strings.Builder
	fmt.Fprintf(&t, "# The line, measured\n\n`make bench` writes this page. %s, %d cores, %s/%s, %s; Redis at appendfsync always, Postgres with\n"+
		"synchronous commit, all on that machine. Figures differ elsewhere, ratios less so.\n\n",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Fprintf(&t, "| what | orders | orders/s | (a) is this many times as fast |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&t, "| %s | %d | %.0f | %.2f |\n", r.name, r.n, r.rate, rows[0].rate/r.rate)
	}
	fmt.Fprintf(&t, "\nAccepted to reserved and told on an idle system: median %s, p99 %s.\n",
		median.Round(100*time.Microsecond), p99.Round(100*time.Microsecond))
	b.Log("\n" + t.String())
	if *benchReport != "" {
		if err := os.WriteFile(*benchReport, []byte(t.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}
