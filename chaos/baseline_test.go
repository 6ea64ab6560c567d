package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/lib/pq"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/journeys/world"
	"guiche/store/local"
)

// The baseline is the line as one would build it first: asynq with one worker, one task and one transaction per order.
// The observer has to see what that does to fans; otherwise its silence about ours would prove nothing.

const (
	baselineQueue = "baseline"
	// baselineRetry is shorter than asynq's own first delay, to the baseline's advantage.
	baselineRetry = time.Second
)

// baseline decides orders in the order in which asynq delivers them, until it is killed.
func baseline() {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	server := asynq.NewServerFromRedisClient(redis.NewClient(options), asynq.Config{
		Concurrency: 1, StrictPriority: true, Queues: map[string]int{baselineQueue: 1}, TaskCheckInterval: 5 * time.Millisecond,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return baselineRetry }, LogLevel: asynq.ErrorLevel,
	})
	log.Fatal(server.Run(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // after a commit it does nothing
		if _, err := tx.ExecContext(ctx, `update baseline_stock set taken = taken + 1`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into baseline (id, decision) select $1, taken from baseline_stock
			on conflict do nothing`, string(t.Payload())); err != nil {
			return err
		}
		return tx.Commit()
	})))
}

// baselineOrders is enough for its faults to strike in the midst of them.
const baselineOrders = 1500

func TestPlainAsynqBreaksTheLine(t *testing.T) {
	if testing.Short() {
		t.Skip("chaos is slow")
	}
	databaseURL, redisURL := local.NewDatabase(t), local.NewRedis(t)
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // so that any other session is the generator's
	if _, err := db.Exec(`create table baseline_stock as select 0 as taken;
		create table baseline (id uuid primary key, decision bigint not null)`); err != nil {
		t.Fatal(err)
	}
	rdb, err := jobs.OpenRedis(t.Context(), redisURL)
	if err != nil {
		t.Fatal(err)
	}
	defer rdb.Close()
	client := asynq.NewClientFromRedisClient(rdb)
	var seen []sighting
	for range baselineOrders {
		s := sighting{order: uuid.New(), quantity: 1, sent: time.Now()}
		task := asynq.NewTask("order", []byte(s.order.String()), asynq.Queue(baselineQueue), asynq.TaskID(s.order.String()))
		if _, err := client.EnqueueContext(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		s.acknowledged = time.Now()
		seen = append(seen, s)
	}
	key := func(list string) string { return fmt.Sprintf("asynq:{%s}:%s", baselineQueue, list) }
	start := func() *role {
		return keep(t, "baseline", with(inherited(), map[string]string{
			"DATABASE_URL": databaseURL, "REDIS_URL": redisURL,
		}))
	}
	generator := start()
	decided := func() (n int) {
		if err := db.QueryRow(`select count(*) from baseline`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	await := func(n int) {
		world.Eventually(t, fmt.Sprintf("%d orders are decided", n), func() bool { return decided() >= n })
	}

	await(50)
	world.Eventually(t, "a lost connection to Postgres fails a task", func() bool {
		if _, err := db.Exec(`select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`); err != nil {
			t.Fatal(err)
		}
		return rdb.ZCard(t.Context(), key("retry")).Val() > 0
	})
	// A kill between the commit and the acknowledgement harms nobody, so kill until one falls before the commit.
	var orphans []string
	world.Eventually(t, "a kill leaves an undecided order with nobody", func() bool {
		await(decided() + 1 + rand.IntN(20))
		generator.end()
		world.Eventually(t, "Postgres has noticed the kill", func() (quiet bool) {
			if err := db.QueryRow(`select not exists (select from pg_stat_activity
				where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')`).Scan(&quiet); err != nil {
				t.Fatal(err)
			}
			return quiet
		})
		orphans = rdb.LRange(t.Context(), key("active"), 0, -1).Val()
		var known int
		if err := db.QueryRow(`select count(*) from baseline where id = any($1::uuid[])`, pq.Array(orphans)).Scan(&known); err != nil {
			t.Fatal(err)
		}
		generator = start()
		return known < len(orphans)
	})
	world.Eventually(t, "nothing else is left to do", func() bool { // in the order in which a task moves from list to list, so that none is missed
		return rdb.ZCard(t.Context(), key("retry")).Val() == 0 && rdb.LLen(t.Context(), key("pending")).Val() == 0 &&
			rdb.LLen(t.Context(), key("active")).Val() == int64(len(orphans))
	})

	var came []outcome
	rows, err := db.Query(`select id, decision from baseline`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		o := outcome{quantity: 1, status: "reserved"}
		if err := rows.Scan(&o.order, &o.decision); err != nil {
			t.Fatal(err)
		}
		o.tickets = []int64{o.decision}
		came = append(came, o)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	v := observe(numbered(seen, came), came, map[int64]int{0: baselineOrders})
	t.Logf("plain asynq, one kill and one lost connection: %v", v)
	if v.lost == 0 || v.disordered == 0 {
		t.Errorf("the observer sees nothing of it:\n%s", strings.Join(v.why, "\n"))
	}
}

// numbered gives the baseline's orders their numbers by the order of joining, which is exact: they joined one by one.
func numbered(seen []sighting, came []outcome) []sighting {
	number := map[uuid.UUID]int64{}
	for i, s := range seen {
		number[s.order] = int64(i + 1)
	}
	for i := range came {
		came[i].number = number[came[i].order]
	}
	return seen
}
