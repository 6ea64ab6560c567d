package worker

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/store"
	"guiche/store/local"
)

var quiet = slog.New(slog.DiscardHandler)

// moneyShop is a shop whose roles do nothing by themselves: a test does each step of theirs, and can cut it off between
// any two of its calls. It stays for many stories, each with empty books.
type moneyShop struct {
	t     *testing.T
	ctx   context.Context
	clock *clock
	rdb   *redis.Client // the test's own
	event store.Event
	fans  []int64

	redisURL  string
	web       *webRole
	worker    *workerRole
	generator *generatorRole
	bank      *bank
	address   string // of the provider
	admin     int64
}

// webRole is a process that serves fans.
type webRole struct {
	role
	wire    *wire
	db      *store.Store
	line    *line.Line
	nudges  *jobs.Nudges
	gateway payment.Gateway
}

// workerRole is a worker.
type workerRole struct {
	role
	wire *wire
	rdb  *redis.Client
	db   *store.Store
	*Worker
}

// generatorRole is the leader of the line.
type generatorRole struct {
	role
	wire   *wire
	rdb    *redis.Client
	leader *store.Leader
	*generator.Generator
}

// A shop is small, so that its fans stand in each other's way.
const (
	moneyFans      = 3
	moneyPerPerson = 3 // tickets
)

// opening is when every story begins.
var opening = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func newMoneyShop(t *testing.T) *moneyShop {
	t.Helper()
	s := &moneyShop{t: t, ctx: t.Context(), web: &webRole{}, worker: &workerRole{}, generator: &generatorRole{}}
	w := &world.World{T: t, Ctx: s.ctx}
	s.clock, w.DatabaseURL = stopClock(t, local.NewDatabase(t))
	server, err := local.StartRedis(s.ctx, local.RedisOptions{Folder: local.NewFolder(t), Sync: local.SyncNo})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	s.redisURL = server.URL
	w.Open(s.redisURL, 0)
	s.rdb, s.event = w.Redis, w.Event
	for range moneyFans {
		s.fans = append(s.fans, w.Fan())
	}
	s.admin = w.Fan()
	provider := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { s.bank.provider.ServeHTTP(rw, r) }))
	t.Cleanup(provider.Close)
	s.address = provider.URL
	for name, r := range map[string]*role{"web": &s.web.role, "worker": &s.worker.role, "generator": &s.generator.role} {
		r.name, r.dead = name, true // until it is started
	}
	s.web.wire = lay(t, &s.web.role, w.DatabaseURL)
	s.worker.wire = lay(t, &s.worker.role, w.DatabaseURL)
	s.generator.wire = lay(t, &s.generator.role, w.DatabaseURL)
	t.Cleanup(func() {
		_ = s.web.db.Close()
		_ = s.worker.db.Close()
		s.generator.leader.Close()
	})
	return s
}

// empty makes the shop as it was before its first story: nobody has joined, nothing was paid.
func (s *moneyShop) empty(capacity int, feeReturned bool) error {
	if err := s.clock.set(opening); err != nil {
		return err
	}
	if _, err := s.clock.raw.Exec(fmt.Sprintf(`
		set session_replication_role = replica;
		delete from ledger; delete from letters; delete from notices; delete from tickets; delete from refund_attempts; delete from refunds;
		delete from charges; delete from orders; delete from outages; delete from capacity_changes; delete from admin_log;
		delete from lost_numbers;
		set session_replication_role = origin;
		update stock set taken = 0, capacity = %d;
		update lines set last_number = 0, last_decision = 0, last_ticket = 0, unsettled = false;
		update events set status = 'published', cancelled_at = null, settled_at = null, paused = false, refund_fee = %t, per_person = %d,
			sale_starts_at = now() - interval '1 hour', sale_ends_at = now() + interval '12 hours', starts_at = now() + interval '30 days'`,
		capacity, feeReturned, moneyPerPerson)); err != nil {
		return err
	}
	s.event.RefundFee, s.event.PerPerson = feeReturned, moneyPerPerson
	if err := s.rdb.FlushDB(s.ctx).Err(); err != nil {
		return err
	}
	if err := line.New(s.rdb).Rebuild(s.ctx, store.Rebuilt{}); err != nil {
		return err
	}
	if _, err := line.New(s.rdb).TakeOver(s.ctx, 0); err != nil { // Redis was never lost
		return err
	}
	if s.bank != nil {
		s.bank.close()
	}
	var err error
	if s.bank, err = openBank(s.clock.now, s.address); err != nil {
		return err
	}
	if s.generator.dead {
		return nil // the next one takes over
	}
	return s.generator.TakeOver(s.ctx)
}

// start makes a role's objects anew if it died.
func (s *moneyShop) start() error {
	for _, r := range []struct {
		*role
		start func() error
	}{{&s.web.role, s.startWeb}, {&s.worker.role, s.startWorker}, {&s.generator.role, s.startGenerator}} {
		if !r.dead {
			continue
		}
		if err := r.start(); err != nil {
			return fmt.Errorf("start the %s: %w", r.name, err)
		}
	}
	return nil
}

func (s *moneyShop) redis(r *role) *redis.Client {
	options, err := redis.ParseURL(s.redisURL)
	if err != nil {
		panic(err) // it was parsed before
	}
	rdb := redis.NewClient(options)
	rdb.AddHook(r)
	return rdb
}

func (s *moneyShop) startWeb() (err error) {
	w := s.web
	if w.db != nil {
		_ = w.db.Close()
	} else {
		rdb := s.redis(&w.role)
		s.t.Cleanup(func() { _ = rdb.Close() })
		w.line, w.nudges = line.New(rdb), jobs.NewNudges(rdb)
	}
	w.wire.again()
	w.db, err = store.Open(s.ctx, w.wire.url)
	w.gateway = s.gateway(&w.role)
	return err
}

func (s *moneyShop) startWorker() (err error) {
	w := s.worker
	if w.db != nil {
		_ = w.db.Close()
	} else {
		w.rdb = s.redis(&w.role)
		s.t.Cleanup(func() { _ = w.rdb.Close() })
	}
	w.wire.again()
	if w.db, err = store.Open(s.ctx, w.wire.url); err != nil {
		return err
	}
	s.freshWorker()
	return nil
}

// freshWorker forgets what a worker knows of the provider's being away.
func (s *moneyShop) freshWorker() {
	s.worker.Worker = New(Config{
		Store: s.worker.db, Redis: s.worker.rdb, Gateways: payment.NewGateways(s.gateway(&s.worker.role)),
		Log: quiet, Metrics: prometheus.NewRegistry(),
	})
}

func (s *moneyShop) gateway(r *role) payment.Gateway {
	return roleGateway{sandbox.New(s.address, bankSecret), r, s}
}

func (s *moneyShop) startGenerator() error {
	g := s.generator
	if g.Generator != nil {
		g.leader.Close()
	} else {
		g.rdb = s.redis(&g.role)
		s.t.Cleanup(func() { _ = g.rdb.Close() })
	}
	g.wire.again()
	leader, err := store.Lead(s.ctx, g.wire.url)
	if err != nil {
		return err
	}
	g.leader = leader
	g.Generator = generator.New(s.ctx, generator.Config{Redis: g.rdb, Log: quiet, Metrics: prometheus.NewRegistry()}, leader)
	return g.TakeOver(s.ctx)
}

// order is a fan's wish as the web role would accept it.
func (s *moneyShop) order(fan int64, quantity int) store.QueuedOrder {
	t := s.event.Types[0]
	return store.QueuedOrder{
		ID: uuid.New(), EventID: s.event.ID, TicketTypeID: t.ID, AccountID: fan, Quantity: quantity,
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: s.event.Currency, PerPerson: s.event.PerPerson,
		HoldSeconds: s.event.HoldSeconds, RefundPolicy: s.event.RefundPolicy, AcceptedAt: s.clock.now(),
	}
}
