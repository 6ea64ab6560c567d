package journeys

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
	"guiche/views"
)

// refusal is a server that stays and says no.
type refusal struct {
	name      string
	say, stop func(s *refused)
	lasts     bool // connections that are made anew are served, so the shop goes on while it lasts
}

// refusals are what Postgres and Redis say no with. None of it ends by starting anything again.
var refusals = []refusal{
	{
		name: "postgres takes no writes over old connections",
		say: func(s *refused) {
			s.command(`alter database guiche set default_transaction_read_only = off`)
			s.readOnly("on")
		},
		stop: func(s *refused) {
			s.readOnly("off")
			s.command(`alter database guiche reset default_transaction_read_only`)
		},
		lasts: true,
	},
	{
		name: "postgres takes no writes at all",
		say:  func(s *refused) { s.readOnly("on") },
		stop: func(s *refused) { s.readOnly("off") },
	},
	{
		name: "the shop may not write orders",
		say:  func(s *refused) { s.command(`revoke insert, update on orders from shop`) },
		stop: func(s *refused) { s.command(`grant insert, update on orders to shop`) },
	},
	{
		name: "the disk is full",
		say: func(s *refused) {
			s.command(`create function full_disk() returns trigger language plpgsql as
				$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
				create trigger full_disk before insert on orders for each row execute function full_disk()`)
		},
		stop: func(s *refused) { s.command(`drop trigger full_disk on orders; drop function full_disk()`) },
	},
	{
		name: "postgres lets nobody in",
		say:  func(s *refused) { s.command(`alter role shop nologin`); s.endSessions() },
		stop: func(s *refused) { s.command(`alter role shop login`) },
	},
	{
		name: "postgres has too many connections",
		say:  func(s *refused) { s.command(`alter role shop connection limit 0`); s.endSessions() },
		stop: func(s *refused) { s.command(`alter role shop connection limit -1`) },
	},
	{
		name: "redis became a copy of another one",
		say:  func(s *refused) { s.redisDo("REPLICAOF", "127.0.0.1", "1") },
		stop: func(s *refused) { s.redisDo("REPLICAOF", "NO", "ONE") },
	},
	{
		name: "redis wants another password",
		say: func(s *refused) {
			s.redisDo("CONFIG", "SET", "requirepass", "rotated")
			s.password = "rotated"
			s.redisDo("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		},
		stop: func(s *refused) {
			s.redisDo("CONFIG", "SET", "requirepass", "")
			s.password = ""
		},
	},
	{
		name: "redis is full",
		say:  func(s *refused) { s.redisDo("CONFIG", "SET", "maxmemory", "1") },
		stop: func(s *refused) { s.redisDo("CONFIG", "SET", "maxmemory", "0") },
	},
	{
		name: "redis hangs",
		say:  func(s *refused) { s.redisDo("CLIENT", "PAUSE", "8000", "ALL") },
		stop: func(s *refused) {
			world.Eventually(s.t, "redis answers", func() bool { return s.redis.Ping(s.t.Context()).Err() == nil })
		},
	},
}

// refused is a shop whose servers can be told to say no, and whose fans go on acting meanwhile.
type refused struct {
	*shop
	event store.Event
	owner *sql.DB // of Postgres, not the shop's role
	// password is what Redis wants now.
	password string
	told     atomic.Int64
	acts     atomic.Int64
	failed   sync.Map // answers that nobody may be given
	mu       sync.Mutex
	joined   map[uuid.UUID]bool // acknowledged
}

func newRefused(t *testing.T) *refused {
	t.Helper()
	server, err := local.StartPostgres(t.Context(), local.PostgresOptions{Folder: filepath.Join(local.NewFolder(t), "postgres"), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	s := &refused{shop: newShop(t, nil), joined: map[uuid.UUID]bool{}}
	if s.owner, err = sql.Open("postgres", server.URL+"&default_transaction_read_only=off"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.owner.Close() })
	s.check(store.Migrate(t.Context(), server.URL))
	s.command(`create role shop login; grant all on all tables in schema public to shop; grant all on all sequences in schema public to shop`)
	s.settings["DATABASE_URL"] = strings.Replace(server.URL, "guiche@", "shop@", 1)
	s.settings["PORT"] = strconv.Itoa(freePorts(t, devPorts))
	s.first, err = strconv.Atoi(s.settings["PORT"])
	s.check(err)
	delete(s.settings, "SANDBOX_URL")
	if s.db, err = store.Open(t.Context(), server.URL+"&default_transaction_read_only=off"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	start(t, s.settings, "all").answers(s.url("/readyz"))
	s.event = s.createEvent(store.Event{
		Slug: "show", Name: "Show", StartsAt: time.Now().AddDate(0, 1, 0), SaleStartsAt: time.Now().Add(-time.Hour),
		SaleEndsAt: time.Now().Add(time.Hour), PerPerson: 4,
		Types: []store.TicketType{{Name: "Pista", PriceCents: 1000, Capacity: 100_000}},
	})
	return s
}

// command is one that the owner of Postgres gives.
func (s *refused) command(statement string) {
	s.t.Helper()
	_, err := s.owner.Exec(statement)
	s.check(err)
}

// readOnly turns every session, those that are open too.
func (s *refused) readOnly(value string) {
	s.t.Helper()
	s.command(`alter system set default_transaction_read_only = ` + value)
	s.command(`select pg_reload_conf()`)
}

func (s *refused) endSessions() {
	s.t.Helper()
	s.command(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'`)
}

func (s *refused) redisDo(args ...any) {
	s.t.Helper()
	// Not over the shop's own kind of connection, which leaves a Redis that says no.
	options, err := redis.ParseURL(s.settings["REDIS_URL"])
	s.check(err)
	options.Password = s.password
	direct := redis.NewClient(options)
	defer direct.Close()
	s.check(direct.Do(s.t.Context(), args...).Err())
}

// act is what a fan does once: she opens a page, signs in and joins the line, and does the same again if she is asked to.
func (s *refused) act(fan store.Account, client *http.Client) {
	defer s.acts.Add(1)
	form := url.Values{"email": {fan.Email}, "password": {fanPassword}}
	id := uuid.New()
	order := url.Values{"order_id": {id.String()}, "ticket_type": {strconv.FormatInt(s.event.Types[0].ID, 10)}, "quantity": {"1"}}
	for _, ask := range []func() (*http.Response, error){
		func() (*http.Response, error) { return http.Get(s.url("/")) },
		func() (*http.Response, error) { return http.Get(s.url("/events/" + s.event.Slug)) },
		func() (*http.Response, error) { return client.PostForm(s.url("/login"), form) },
		func() (*http.Response, error) {
			return client.PostForm(s.url("/events/"+s.event.Slug+"/orders"), order)
		},
		func() (*http.Response, error) { return client.Get(s.url("/orders/" + id.String())) },
	} {
		r, err := ask()
		if err != nil {
			s.failed.Store(err.Error(), true)
			return
		}
		_ = r.Body.Close()
		switch path := r.Request.URL.Path; {
		case r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "":
			s.told.Add(1)
			return
		case r.StatusCode >= http.StatusInternalServerError:
			s.failed.Store(fmt.Sprintf("%s %s: %s", r.Request.Method, path, r.Status), true)
			return
		case strings.HasSuffix(path, "/orders") && r.StatusCode == http.StatusSeeOther && strings.HasSuffix(r.Header.Get("Location"), id.String()):
			s.mu.Lock()
			s.joined[id] = true
			s.mu.Unlock()
		}
	}
}

// crowd lets fans act until stop, each of them once.
func (s *refused) crowd() (stop func()) {
	over, acting, hash := make(chan struct{}), sync.WaitGroup{}, hashed(s.t)
	for range 4 {
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		acting.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				fan, err := s.db.CreateAccount(context.Background(), store.Account{
					Role: store.Fan, Name: "Bia", Email: uuid.NewString() + "@guiche.test", PasswordHash: hash, Language: views.English,
				})
				if err != nil {
					continue // who signed up before Postgres said no
				}
				client.Jar = &oneJar{}
				s.act(fan, client)
			}
		})
	}
	return func() { close(over); acting.Wait() }
}

// oneJar is a browser that was opened for this one visit.
type oneJar struct{ cookies []*http.Cookie }

func (j *oneJar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.cookies = append(j.cookies, cookies...)
}
func (j *oneJar) Cookies(*url.URL) []*http.Cookie { return j.cookies }

// sells fails the test unless somebody new can sign in, join, get a ticket and pay for it.
func (s *refused) sells() {
	s.t.Helper()
	fan := s.createFan(uuid.NewString() + "@guiche.test")
	form := url.Values{"email": {fan.Email}, "password": {fanPassword}}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answers := func(what, leadsTo string, ask func() (*http.Response, error)) (location string) {
		s.t.Helper()
		world.Eventually(s.t, what, func() bool {
			r, err := ask()
			if err != nil {
				return false
			}
			_ = r.Body.Close()
			location = r.Header.Get("Location")
			return r.StatusCode == http.StatusSeeOther && strings.HasPrefix(location, leadsTo)
		})
		return location
	}
	answers("somebody signs in", "/", func() (*http.Response, error) {
		client.Jar = &oneJar{}
		return client.PostForm(s.url("/login"), form)
	})
	id := uuid.New()
	order := url.Values{"order_id": {id.String()}, "ticket_type": {strconv.FormatInt(s.event.Types[0].ID, 10)}, "quantity": {"1"}}
	answers("she joins the line", "/orders/"+id.String(), func() (*http.Response, error) {
		return client.PostForm(s.url("/events/"+s.event.Slug+"/orders"), order)
	})
	is := func(status store.OrderStatus) func() bool {
		return func() bool { o, err := s.db.Order(s.t.Context(), id); return err == nil && o.Status == status }
	}
	world.Eventually(s.t, "she has a ticket reserved", is(store.Reserved))
	page := answers("she goes to pay", "http", func() (*http.Response, error) { return client.PostForm(s.url("/orders/"+id.String()+"/pay"), nil) })
	answers("she pays", "http", func() (*http.Response, error) { return client.PostForm(page, url.Values{"outcome": {"approve"}}) })
	world.Eventually(s.t, "she has her ticket", is(store.Paid))
}

// TestTheShopFindsItsFeetWhateverItsServersSay has every server say no in every way while fans act, and lets it go again: the
// shop sells without anybody's help, nothing that was accepted is lost, and nobody ever sees a page that looks like a fault.
func TestTheShopFindsItsFeetWhateverItsServersSay(t *testing.T) {
	if testing.Short() {
		t.Skip("servers that say no are waited for")
	}
	s := newRefused(t)
	stop := s.crowd()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			s.t = t
			told, acts := s.told.Load(), s.acts.Load()
			r.say(s)
			if r.lasts {
				s.sells()
			} else {
				world.Eventually(t, "somebody is told to come back", func() bool { return s.told.Load() > told || s.acts.Load() > acts+40 })
				acts = s.acts.Load()
				world.Eventually(t, "the fans go on", func() bool { return s.acts.Load() > acts+20 })
			}
			r.stop(s)
			s.sells()
			s.failed.Range(func(answer, _ any) bool {
				t.Errorf("somebody was given %v", answer)
				s.failed.Delete(answer)
				return true
			})
		})
	}
	s.t = t
	stop()
	for id := range s.joined {
		world.Eventually(t, "what was accepted is decided: "+id.String(), func() bool {
			o, err := s.db.Order(t.Context(), id)
			return err == nil && o.Status != store.Queued
		})
	}
	t.Logf("%d visits, %d orders, %d times somebody was told to come back", s.acts.Load(), len(s.joined), s.told.Load())
	s.audited()
}
