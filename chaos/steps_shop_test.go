package chaos

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"guiche/jobs"
	"guiche/journeys/world"
	"guiche/payment/sandbox"
	"guiche/store"
	"guiche/store/local"
)

// shop is a stage with one process of each role and the sandbox provider. Everything that they say to each other, to
// Postgres and to Redis goes through its stepper. One scenario is played on it at a time.
type shop struct {
	*stage
	*stepper
	fans     *browsers
	account  atomic.Int64 // the last one that was used
	admin    int64        // the account of one
	provider *sandbox.Gateway
	pages    string // where fans reach the provider
	played   []ended
	left     []string // tasks that a role had taken when it was killed
	missed   int      // points that were not met again
}

// shopAccounts is how many fans a shop has; none comes twice.
const shopAccounts = 2000

// openSteps opens the n-th shop of a test.
func openSteps(t *testing.T, n int) *shop {
	t.Helper()
	s := &shop{stepper: newStepper(), stage: &stage{t: t, port: 20000 - 1000*(n+1) + os.Getpid()%900}}
	s.postgres = &server{Server: &local.Server{URL: local.NewDatabase(t)}}
	s.redis = &server{Server: &local.Server{URL: local.NewRedis(t)}}
	var err error
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
		select 'Fan', 'fan-' || n || '@guiche.test', '-' from generate_series(1, $1) n`, shopAccounts); err != nil {
		t.Fatal(err)
	}

	shop, sandboxURL := "http://localhost:"+s.freePort(), "http://localhost:"+s.freePort()
	s.settings = with(inherited(), map[string]string{
		"SECRET_KEY": strings.Repeat("s", 32), "RATE_LIMIT": "off", "DRAIN_TIME": "0s", "DATA_DIR": t.TempDir(),
		"BASE_URL": s.passHTTP(t, "sandbox", "web", shop), "SANDBOX_URL": sandboxURL,
	})
	s.provider = sandbox.New(sandboxURL, "sandbox:"+s.settings["SECRET_KEY"])
	s.pages = s.passHTTP(t, "fan", "sandbox", sandboxURL)
	s.roles["sandbox"] = s.keep("sandbox", nil)
	for _, role := range []string{"generator", "worker", "web"} {
		s.roles[role] = s.keep(role, map[string]string{
			"DATABASE_URL": s.postgresThrough(role), "REDIS_URL": s.redisThrough(role), "PORT": shop[strings.LastIndex(shop, ":")+1:],
			"SANDBOX_URL": s.passHTTP(t, role, "sandbox", sandboxURL),
		})
	}
	s.generators, s.hosts = []*role{s.roles["generator"]}, []string{strings.TrimPrefix(shop, "http://")}
	s.leader()
	s.fans = s.signIn(0)
	s.fans.tokens = make([]atomic.Value, shopAccounts+1)
	s.signInAdmin()
	return s
}

// signInAdmin makes the account behind the last fan an admin's.
func (s *shop) signInAdmin() {
	s.t.Helper()
	const email, password = "admin@guiche.test", "guiche-admin"
	hash, err := world.HashPassword(password)
	if err != nil {
		s.t.Fatal(err)
	}
	s.admin = s.number(`insert into accounts (name, role, email, password_hash) values ('Admin', 'admin', $1, $2) returning id`, email, hash)
	world.Eventually(s.t, "an admin signs in", func() bool {
		r, err := s.fans.client.PostForm("http://"+s.hosts[0]+"/login", url.Values{"email": {email}, "password": {password}})
		if err != nil {
			return false
		}
		_ = r.Body.Close() // nothing in it is wanted
		for _, cookie := range r.Cookies() {
			if cookie.Name == "guiche" {
				s.fans.tokens[s.admin-1].Store(cookie.Value)
				return true
			}
		}
		return false
	})
}

// postgresThrough is the stage's database as a role reaches it through the stepper.
func (s *shop) postgresThrough(role string) string {
	s.t.Helper()
	u, err := url.Parse(s.postgres.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	socket := filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")
	return "postgres://guiche@" + s.passPostgres(s.t, role, socket) + u.Path + "?sslmode=disable"
}

// redisThrough is the stage's Redis as a role reaches it through the stepper.
func (s *shop) redisThrough(role string) string {
	s.t.Helper()
	u, err := url.Parse(s.redis.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return "redis://" + s.passRedis(s.t, role, u.Path) + "/0"
}

// newShow puts an event with one ticket type on sale.
func (s *shop) newShow(t *testing.T, capacity int) store.Event {
	t.Helper()
	ctx := t.Context()
	e := world.Show(fmt.Sprintf("show-%d", s.number(`select count(*) from events`)+1))
	e.Name = e.Slug
	e, err := s.db.CreateEvent(ctx, 0, e)
	if err != nil {
		t.Fatal(err)
	}
	_, change, err := s.db.CreateTicketType(ctx, 0, store.TicketType{
		EventID: e.ID, Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: capacity,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.nudges.SetCapacity(ctx, change); err != nil {
		t.Fatal(err)
	}
	if err := s.db.PublishEvent(ctx, 0, e.ID); err != nil {
		t.Fatal(err)
	}
	world.Eventually(t, "the generator sets the capacity", func() bool {
		e, err = s.db.Event(ctx, e.ID)
		return err == nil && e.Types[0].Capacity == capacity
	})
	return e
}
