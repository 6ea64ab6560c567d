package journeys

import (
	"database/sql"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/app/demo"
	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
	"guiche/views"
)

// shop is a shop of separate processes on a Postgres database and a Redis of its own. Its ports are those of two web
// processes and, last, of the sandbox.
type shop struct {
	t        *testing.T
	settings map[string]string
	first    int // the port of the first web process
	db       *store.Store
	redis    *redis.Client
	worker   *process
	web      *process // the first one, of openShop
	behind   *sql.DB  // see raw
}

// fanPassword opens the account of every fan that a test makes.
const fanPassword = "a-long-password"

// newShop makes the place, without any process, with some settings changed.
func newShop(t *testing.T, changes map[string]string) *shop {
	t.Helper()
	redisURL, databaseURL := local.NewRedis(t), local.NewDatabase(t)
	s := &shop{t: t, first: freePorts(t, 3)}
	s.settings = map[string]string{
		"DATABASE_URL": databaseURL, "REDIS_URL": redisURL, "SECRET_KEY": strings.Repeat("s", 32),
		"RATE_LIMIT": "off", "DRAIN_TIME": "0s", "PORT": strconv.Itoa(s.first), "SANDBOX_URL": fmt.Sprintf("http://localhost:%d", s.first+2),
		"DATA_DIR": t.TempDir(),
	}
	maps.Copy(s.settings, changes)
	var err error
	if s.db, err = store.Open(t.Context(), databaseURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	if s.redis, err = jobs.OpenRedis(t.Context(), redisURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.redis.Close() })
	return s
}

// openShop starts every process that fans meet, with one web process and a mail server that keeps letters.
func openShop(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, nil)
	mail := fmt.Sprintf("localhost:%d", s.first+3)
	maps.Copy(s.settings, map[string]string{"GUICHE_DEV": "true", "GUICHE_OUTBOX": mail, "SMTP_URL": "smtp://" + mail})
	s.startSandbox()
	s.startWorker()
	s.web = s.startWeb(0)
	return s
}

func (s *shop) webPort(i int) int { return s.first + i }

// url is where the first web process shows a path.
func (s *shop) url(path string) string { return fmt.Sprintf("http://localhost:%d%s", s.first, path) }

// startWeb starts one of the two web processes and waits until it is ready.
func (s *shop) startWeb(i int) *process {
	s.t.Helper()
	own := maps.Clone(s.settings)
	own["PORT"] = strconv.Itoa(s.webPort(i))
	p := start(s.t, own, "web")
	p.answers(fmt.Sprintf("http://localhost:%d/readyz", s.webPort(i)))
	return p
}

func (s *shop) startSandbox() {
	s.t.Helper()
	start(s.t, s.settings, "sandbox").answers(s.settings["SANDBOX_URL"] + "/healthz")
}

// startWorker starts what speaks with the payment API; without it, what has to be done there waits.
func (s *shop) startWorker() { s.worker = start(s.t, s.settings, "worker") }

// startGenerator opens the window: until then the line only grows.
func (s *shop) startGenerator() *process { return start(s.t, s.settings, "generator") }

// createEvent publishes an event with its capacities, which needs a generator.
func (s *shop) createEvent(e store.Event) store.Event {
	s.t.Helper()
	e, err := demo.CreateEvent(s.t.Context(), s.db, jobs.NewNudges(s.redis), e)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// hashed is the hash of fanPassword, made once since it is slow on purpose.
func hashed(t *testing.T) string {
	t.Helper()
	hash, err := hashOnce()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

var hashOnce = sync.OnceValues(func() (string, error) { return world.HashPassword(fanPassword) })

// createFan makes an account that signs in with fanPassword.
func (s *shop) createFan(email string) store.Account {
	s.t.Helper()
	a, err := s.db.CreateAccount(s.t.Context(), store.Account{
		Role: store.Fan, Name: "Bia Torcedora", Email: email, PasswordHash: hashed(s.t), Language: views.Portuguese,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// lineUp puts people into the line who came before those that a test looks at, each with one ticket in mind.
func (s *shop) lineUp(e store.Event, people int) {
	s.t.Helper()
	line := line.New(s.redis)
	for range people {
		fan := s.createFan(uuid.NewString() + "@guiche.test")
		if _, err := line.Join(s.t.Context(), world.Order(e, e.Types[0], fan.ID, 1)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// book is the account of an event's first ticket type.
func (s *shop) book(e store.Event) store.Book {
	s.t.Helper()
	books, err := s.db.Books(s.t.Context(), e.ID)
	if err != nil || len(books) == 0 {
		s.t.Fatalf("books: %+v, %v", books, err)
	}
	return books[0]
}
