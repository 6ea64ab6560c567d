package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // for sql.Open
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
)

// stage is a shop of separate processes that can all be killed: two generators, two web processes and a worker, on
// servers that keep what they promised. Its rounds come one after the other, each with an event of its own.
type stage struct {
	t               *testing.T // of the round
	postgres, redis *server
	settings        map[string]string
	db              *store.Store
	rdb             *redis.Client
	raw             *sql.DB
	nudges          *jobs.Nudges
	generators      []*role
	webs            []*role
	worker          *role
	hosts           []string // of the web processes
	port            int      // the last one given to a role
}

// server is a Postgres or a Redis that can be killed and started again on what it stored.
type server struct {
	*local.Server
	start func(ctx context.Context) (*local.Server, error)
}

func newServer(t *testing.T, start func(context.Context) (*local.Server, error)) *server {
	t.Helper()
	s := &server{start: start}
	s.again(t)
	t.Cleanup(func() { s.Kill() })
	return s
}

// again starts the server on its folder.
func (s *server) again(t *testing.T) {
	t.Helper()
	now, err := s.start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.Server = now
}

// newStage makes a shop with accounts and without any process.
func newStage(t *testing.T, accounts int) *stage {
	t.Helper()
	s := &stage{t: t, port: 12000 + os.Getpid()%6000}
	folders := [2]string{local.NewFolder(t), local.NewFolder(t)}
	s.postgres = newServer(t, func(ctx context.Context) (*local.Server, error) {
		return local.StartPostgres(ctx, local.PostgresOptions{Folder: folders[0]})
	})
	s.redis = newServer(t, func(ctx context.Context) (*local.Server, error) {
		return local.StartRedis(ctx, local.RedisOptions{Folder: folders[1]})
	})
	var err error
	if err = store.Migrate(t.Context(), s.postgres.URL); err != nil {
		t.Fatal(err)
	}
	if s.db, err = store.Open(t.Context(), s.postgres.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	s.raw = world.Raw(t, s.postgres.URL)
	if s.rdb, err = jobs.OpenRedis(t.Context(), s.redis.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.rdb.Close() })
	s.nudges = jobs.NewNudges(s.rdb)
	if _, err := s.raw.Exec(`insert into accounts (name, email, password_hash)
		select 'Fan', 'fan-' || n || '@guiche.test', '-' from generate_series(1, $1) n`, accounts); err != nil {
		t.Fatal(err)
	}
	s.settings = with(inherited(), map[string]string{
		"DATABASE_URL": s.postgres.URL, "REDIS_URL": s.redis.URL, "SECRET_KEY": strings.Repeat("s", 32),
		"RATE_LIMIT": "off", "DRAIN_TIME": "0s", "DATA_DIR": t.TempDir(), "SANDBOX_URL": "http://localhost:1", // nobody pays here
	})
	return s
}

// keep runs a role of guiche with some settings changed.
func (s *stage) keep(name string, changes map[string]string) *role {
	s.t.Helper()
	return keep(s.t, name, with(s.settings, changes))
}

// startGenerators starts two together: one leads, the other stands by.
func (s *stage) startGenerators(changes map[string]string) {
	s.t.Helper()
	s.generators = []*role{s.keep("generator", changes), s.keep("generator", changes)}
}

// startWebs starts two web processes.
func (s *stage) startWebs(changes map[string]string) {
	s.t.Helper()
	s.webs, s.hosts = nil, nil
	for range 2 {
		port := s.freePort()
		s.webs = append(s.webs, s.keep("web", with(changes, map[string]string{"PORT": port})))
		s.hosts = append(s.hosts, "localhost:"+port)
	}
}

// freePort finds one below those that systems give to outgoing connections, so that nobody takes it while a role is
// started again.
func (s *stage) freePort() string {
	s.t.Helper()
	for s.port < 20000 {
		s.port++
		if l, err := net.Listen("tcp", fmt.Sprintf("localhost:%d", s.port)); err == nil {
			_ = l.Close()
			return fmt.Sprint(s.port)
		}
	}
	s.t.Fatal("no free port")
	return ""
}

// leader waits for a process that leads while no other one says so too, and returns what stands by, if any does.
func (s *stage) leader() (leader, standby *process) {
	s.t.Helper()
	world.Eventually(s.t, "one leads", func() bool {
		leader, standby = nil, nil
		for _, r := range s.generators {
			p := r.current()
			leads, waits := p.is()
			switch {
			case leads && leader != nil:
				s.t.Fatal("two generators lead")
			case leads:
				leader = p
			case waits:
				standby = p
			}
		}
		return leader != nil
	})
	return leader, standby
}

// ready waits until one leads and the other stands by.
func (s *stage) ready() (leader, standby *process) {
	s.t.Helper()
	world.Eventually(s.t, "one leads and one stands by", func() bool {
		leader, standby = s.leader()
		return standby != nil
	})
	return leader, standby
}

// epoch is the number of the reign, or -1 while Postgres is away.
func (s *stage) epoch() int64 { return s.number(`select epoch from generator`) }

// turn is the number of the last order whose turn came, or -1 while Postgres is away.
func (s *stage) turn(e store.Event) int64 {
	return s.number(`select last_number from lines where event_id = $1`, e.ID)
}

// number asks Postgres for one, -1 while it is away.
func (s *stage) number(query string, args ...any) (n int64) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.raw.QueryRowContext(ctx, query, args...).Scan(&n) != nil {
		return -1
	}
	return n
}

// createEvent publishes an event of two types, one that is paid later and one that is free, for which a generator is
// needed. Both have fewer tickets than will be asked for.
func (s *stage) createEvent(slug string, capacity int, hold time.Duration) store.Event {
	s.t.Helper()
	ctx, e := s.t.Context(), world.Show(slug)
	e.Name, e.HoldSeconds, e.HoldExtras = slug, int(hold.Seconds()), store.HoldExtras{}
	e, err := s.db.CreateEvent(ctx, 0, e)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, kind := range []store.TicketType{{Name: "Pista", PriceCents: 1000}, {Name: "Livre"}} {
		kind.EventID, kind.Capacity = e.ID, capacity
		_, change, err := s.db.CreateTicketType(ctx, 0, kind)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := s.nudges.SetCapacity(ctx, change); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.db.PublishEvent(ctx, 0, e.ID); err != nil {
		s.t.Fatal(err)
	}
	world.Eventually(s.t, "the generator sets the capacities", func() bool {
		e, err = s.db.Event(ctx, e.ID)
		return err == nil && e.Types[0].Capacity == capacity && e.Types[1].Capacity == capacity
	})
	return e
}

// outcomes reads what became of an event's orders.
func (s *stage) outcomes(e store.Event) (all []outcome) {
	s.t.Helper()
	rows, err := s.raw.Query(`
		select o.id, o.ticket_type_id, o.quantity, o.status, o.number, coalesce(o.decision, 0), o.waited_at is not null,
			coalesce(string_agg(t.number::text, ' ' order by t.number), '')
		from orders o left join tickets t on t.order_id = o.id where o.event_id = $1 group by o.id`, e.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var o outcome
		var numbers string
		if err := rows.Scan(&o.order, &o.kind, &o.quantity, &o.status, &o.number, &o.decision, &o.waited, &numbers); err != nil {
			s.t.Fatal(err)
		}
		for text := range strings.FieldsSeq(numbers) {
			var n int64
			if _, err := fmt.Sscan(text, &n); err != nil {
				s.t.Fatal(err)
			}
			o.tickets = append(o.tickets, n)
		}
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// audited fails the round unless the books balance.
func (s *stage) audited() {
	s.t.Helper()
	findings, err := s.db.Audit(s.t.Context(), line.New(s.rdb).Numbers)
	if err != nil {
		s.t.Error(err)
	}
	for _, f := range findings[:min(len(findings), 20)] {
		s.t.Errorf("the audit finds %+v", f)
	}
}
