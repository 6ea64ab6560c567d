package generator_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/lib/pq"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/store"
)

// drainPlain serves a filled line with plain asynq: one task and one transaction per order, the same schema, rules and
// telling. It returns orders per second.
func drainPlain(b *testing.B, n int) float64 {
	w := benchWorld(b, n)
	w.fill(crowd(n), 0, n)
	leader, err := store.Lead(w.Ctx, w.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer leader.Close()
	var done atomic.Int64
	mux := asynq.NewServeMux()
	mux.HandleFunc(jobs.KindPurchase, func(ctx context.Context, t *asynq.Task) error {
		o, err := jobs.DecodePurchase(t.Payload())
		if err != nil {
			return err
		}
		out, err := leader.Decide([]store.QueuedOrder{o}, nil, generator.Decide)
		if err != nil {
			return err
		}
		passed := line.Passed{}
		passed.Add(o)
		if err := w.Line.Tell(ctx, out, passed); err != nil {
			return err
		}
		if err := w.Nudges.Issued(ctx, jobs.Issued{Until: []time.Time{out.Orders[0].ReservedUntil}}); err != nil {
			return err
		}
		done.Add(1)
		return w.Line.Announce(ctx, out, passed)
	})
	server := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
		Concurrency: 1, StrictPriority: true, Queues: map[string]int{jobs.QueuePurchases: 1}, TaskCheckInterval: 5 * time.Millisecond,
		LogLevel: asynq.FatalLevel,
	})
	start := time.Now()
	if err := server.Start(mux); err != nil {
		b.Fatal(err)
	}
	w.until(func() bool { return done.Load() == int64(n) })
	rate := float64(n) / time.Since(start).Seconds()
	server.Shutdown()
	w.Booked(n * 3)
	return rate
}

// sellHotRow sells by single statements from many connections that meet on the stock row; no line, no order.
func sellHotRow(b *testing.B, n, connections int) float64 {
	w := benchWorld(b, n)
	raw := w.Raw
	raw.SetMaxOpenConns(connections)
	raw.SetMaxIdleConns(connections)
	sell, err := raw.Prepare(`
		with s as (update stock set taken = taken + 1 where ticket_type_id = $4 and taken < capacity returning 1),
			l as (update lines set last_number = last_number + 1, last_decision = last_decision + 1, last_ticket = last_ticket + 1
				where event_id = $2 and exists (select from s) returning last_number, last_decision, last_ticket),
			o as (insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, decision, price_cents,
				fee_cents, currency, per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, decided_at, reserved_until)
				select $1, $2, $4, $3, last_number, 1, 'reserved', last_decision, 1000, 100, 'BRL', 4, 600, 7, 48, true, now(), now(),
					now() + interval '600 seconds' from l)
		insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select $2, $1, $4, $3, last_ticket, 'reserved' from l`)
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	next := make(chan int64, 64)
	start := time.Now()
	for range connections {
		all.Go(func() {
			for account := range next {
				if _, err := sell.Exec(uuid.Must(uuid.NewV7()), w.Event.ID, account, w.Event.Types[0].ID); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		next <- crowd(n).account(i)
	}
	close(next)
	all.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// writeRows writes the same rows into the same tables and indexes on one connection, in batches, durably, and does
// nothing else: the limit of that Postgres.
func writeRows(b *testing.B, n, batch int) float64 {
	w := benchWorld(b, n)
	raw := w.Raw
	conn, err := raw.Conn(w.Ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	orders := prepare(b, conn, `
		insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, decision, price_cents,
			fee_cents, currency, per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, decided_at, reserved_until)
		select id, $4, $5, account, number, 1, 'reserved', number, 1000, 100, 'BRL', 4, 600, 7, 48, true, now(), now(),
			now() + interval '600 seconds'
		from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as d(id, account, number)`)
	tickets := prepare(b, conn, `
		insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select $4, id, $5, account, number, 'reserved' from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as d(id, account, number)`)
	ids, accounts, numbers := make(pq.StringArray, n), make(pq.Int64Array, n), make(pq.Int64Array, n)
	for i := range n {
		ids[i], accounts[i], numbers[i] = uuid.Must(uuid.NewV7()).String(), crowd(n).account(i), int64(i+1)
	}
	start := time.Now()
	for from := 0; from < n; from += batch {
		to := min(from+batch, n)
		args := []any{ids[from:to], accounts[from:to], numbers[from:to], w.Event.ID, w.Event.Types[0].ID}
		for _, step := range []func() (sql.Result, error){
			func() (sql.Result, error) { return conn.ExecContext(w.Ctx, `begin`) },
			func() (sql.Result, error) { return orders.Exec(args...) },
			func() (sql.Result, error) { return tickets.Exec(args...) },
			func() (sql.Result, error) { return conn.ExecContext(w.Ctx, `commit`) },
		} {
			if _, err := step(); err != nil {
				b.Fatal(err)
			}
		}
	}
	return float64(n) / time.Since(start).Seconds()
}

func prepare(b *testing.B, conn *sql.Conn, query string) *sql.Stmt {
	b.Helper()
	s, err := conn.PrepareContext(context.Background(), query)
	if err != nil {
		b.Fatal(fmt.Errorf("%w: %s", err, query))
	}
	return s
}
