package jobs

import (
	"context"
	"database/sql"
	"flag"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/store"
	"guiche/store/local"
)

var benchOrders = flag.Int("orders", 200_000, "orders in the line of the drain benchmark")

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

func rawDB(b *testing.B, url string) *sql.DB {
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

func BenchmarkDrain(b *testing.B) {
	n := *benchOrders
	w := benchWorld(b, n)
	start := time.Now()
	w.fill(n)
	b.Logf("joined %d in %s: %.0f/s", n, time.Since(start), float64(n)/time.Since(start).Seconds())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	leads := make(chan struct{})
	go func() {
		ended <- RunGenerator(ctx, GeneratorConfig{
			DatabaseURL: w.databaseURL, Redis: w.rdb, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}()
	<-leads
	start = time.Now()
	b.ResetTimer()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := w.cache.Snapshot(ctx, w.event.ID)
		if err != nil {
			b.Fatal(err)
		}
		if s.Head >= int64(n) {
			break
		}
		<-tick.C
	}
	took := time.Since(start)
	b.StopTimer()
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n)/took.Seconds(), "orders/s")
	w.booked(n * 3) // an audit would miss the accounts
}
