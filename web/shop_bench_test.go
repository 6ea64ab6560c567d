package web

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	base "guiche/journeys/world"
	"guiche/store"
	"guiche/store/local"
)

var benchReport = flag.String("report", "", "file that the benchmark's tables are appended to")

// benchShop is a shop on durable servers, Redis at appendfsync always and Postgres with synchronous commit, whose roles
// are processes of the built program, so that nothing of the load is counted as theirs.
type benchShop struct {
	*base.World
	program  string
	settings []string
	sessions *scs.SessionManager
	web      string // address of the web role
	ops      string // of its metrics
}

// benchAddress is where the platform tells a visitor's address: each fan of a benchmark has one of her own.
const benchAddress = "Fly-Client-IP"

func newBenchShop(b *testing.B, accounts int) *benchShop {
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
	s := &benchShop{World: &base.World{T: b, Ctx: ctx, DatabaseURL: pg.URL}, program: filepath.Join(b.TempDir(), "guiche")}
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", s.program, "guiche").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	s.UsePostgres()
	s.UseRedis(rd.URL)
	if s.sessions, err = newSessions(rd.URL, false); err != nil {
		b.Fatal(err)
	}
	s.createAccounts(accounts)
	s.web, s.ops = freeAddress(b), freeAddress(b)
	_, port, _ := net.SplitHostPort(s.web)
	s.settings = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "DATABASE_URL=" + pg.URL, "REDIS_URL=" + rd.URL,
		"SECRET_KEY=" + testSecret, "PORT=" + port, "SANDBOX_URL=http://localhost:1", // nobody pays here
		"CLIENT_IP_HEADER=" + benchAddress, "DRAIN_TIME=0s",
	}
	return s
}

// createAccounts makes people with the ids from 1 on, without the passwords that nobody types here.
func (s *benchShop) createAccounts(n int) {
	s.T.Helper()
	s.Set(`insert into accounts (name, email, password_hash)
		select 'Ana ' || n, 'fan-' || n || '@guiche.test', '-' from generate_series(1, $1) n`, n)
	s.Set(`vacuum analyze`)
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a role of the program until stop.
func (s *benchShop) start(role string, settings ...string) (stop func()) {
	s.T.Helper()
	log, err := os.Create(filepath.Join(s.T.TempDir(), "log"))
	if err != nil {
		s.T.Fatal(err)
	}
	cmd := exec.Command(s.program, role)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(settings, s.settings...), log, log
	if err := cmd.Start(); err != nil {
		s.T.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone, which the wait tells
		err := cmd.Wait()
		_ = log.Close()
		if err != nil || s.T.Failed() {
			text, _ := os.ReadFile(log.Name())
			s.T.Errorf("the %s ended: %v\n%s", role, err, text[max(0, len(text)-2000):])
		}
	})
	s.T.Cleanup(stop)
	return stop
}

// startWeb returns when the web role is ready.
func (s *benchShop) startWeb() {
	s.T.Helper()
	s.start("web", "OPS_ADDR="+s.ops)
	s.Eventually("the web role is ready", func() bool {
		r, err := http.Get("http://" + s.web + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// createEvent opens a sale of one ticket type. It needs a generator, which is gone afterwards: who joins stays queued.
func (s *benchShop) createEvent(capacity int) store.Event {
	s.T.Helper()
	stop := s.start("generator")
	defer stop()
	ctx := s.Ctx
	e := base.Show("show")
	e.HoldSeconds = 3600
	e, err := s.DB.CreateEvent(ctx, 0, e)
	s.Check(err)
	_, change, err := s.DB.CreateTicketType(ctx, 0, store.TicketType{
		EventID: e.ID, Name: "Pista", PriceCents: 1000, FeeCents: 100, Capacity: capacity,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	if err := s.Nudges.SetCapacity(ctx, change); err != nil {
		s.T.Fatal(err)
	}
	if err := s.DB.PublishEvent(ctx, 0, e.ID); err != nil {
		s.T.Fatal(err)
	}
	s.Eventually("the capacity is set", func() bool {
		e, err = s.DB.Event(ctx, e.ID)
		return err == nil && e.Types[0].Capacity == capacity
	})
	return e
}

// signIn writes a session for each of the accounts from 1 to n, as signing in does, and returns their cookies.
func (s *benchShop) signIn(n int) []string {
	s.T.Helper()
	cookies := make([]string, n)
	s.each(n, func(i int) error {
		ctx, err := s.sessions.Load(context.Background(), "")
		if err != nil {
			return err
		}
		s.sessions.Put(ctx, sessionAccount, int64(i+1))
		s.sessions.Put(ctx, sessionName, fmt.Sprintf("Ana %d", i+1))
		s.sessions.Put(ctx, sessionRole, string(store.Fan))
		s.sessions.Put(ctx, sessionMark, PasswordMark(store.Account{PasswordHash: "-"}))
		token, _, err := s.sessions.Commit(ctx)
		cookies[i] = s.sessions.Cookie.Name + "=" + token
		return err
	})
	return cookies
}

// each calls do for 0 to n-1, from many goroutines at once.
func (s *benchShop) each(n int, do func(i int) error) {
	s.T.Helper()
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					s.T.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if s.T.Failed() {
		s.T.FailNow()
	}
}

// join puts an order of an account into the line without asking the web role.
func (s *benchShop) join(e store.Event, account int) (store.QueuedOrder, error) {
	o := base.Order(e, e.Types[0], int64(account), 1)
	o.ID = uuid.Must(uuid.NewV7())
	joined, err := s.Line.Join(s.Ctx, o)
	if err != nil {
		return store.QueuedOrder{}, err
	}
	return s.Line.Find(s.Ctx, joined.OrderID)
}

// request is what a browser of fan number i sends.
func (s *benchShop) request(i int, method, path, cookie, body string, header ...string) []byte {
	var r strings.Builder
	fmt.Fprintf(&r, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"+
		"Accept-Language: pt-BR,pt;q=0.9,en;q=0.5\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n%s: 10.%d.%d.%d\r\n",
		method, path, s.web, cookie, benchAddress, i>>16&255, i>>8&255, i&255)
	for _, line := range header {
		r.WriteString(line + "\r\n")
	}
	if method == http.MethodPost {
		fmt.Fprintf(&r, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	r.WriteString("\r\n" + body)
	return []byte(r.String())
}

// webMetrics reads what the web role says of itself.
func (s *benchShop) webMetrics() map[string]float64 {
	s.T.Helper()
	r, err := http.Get("http://" + s.ops + "/metrics")
	if err != nil {
		s.T.Fatal(err)
	}
	defer r.Body.Close()
	values := map[string]float64{}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			values[name] = n
		}
	}
	return values
}

// effort is the processor time that the servers and the load have used so far.
type effort struct{ web, redis, load time.Duration }

func (e effort) since(before effort) effort {
	return effort{e.web - before.web, e.redis - before.redis, e.load - before.load}
}

func (s *benchShop) effort() (e effort) {
	s.T.Helper()
	e.web = seconds(s.webMetrics()["process_cpu_seconds_total"])
	info, err := s.Redis.Info(context.Background(), "cpu").Result()
	if err != nil {
		s.T.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				s.T.Fatal(err)
			}
			e.redis += seconds(n)
		}
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		s.T.Fatal(err)
	}
	e.load = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	return e
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// report prints a part of the benchmark's page and appends it to the file that was asked for.
func (s *benchShop) report(text string) {
	s.T.Helper()
	fmt.Printf("\n%s\n", text) // the log of a benchmark would be cut
	if *benchReport == "" {
		return
	}
	f, err := os.OpenFile(*benchReport, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := f.WriteString("\n" + text); err != nil {
		s.T.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.T.Fatal(err)
	}
}
