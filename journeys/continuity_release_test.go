package journeys

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/journeys/world"
	"guiche/store"
)

// previousRelease is the commit of the release before this one. Its processes and ours run side by side during a deploy.
const previousRelease = "9fc7280"

// previousProgram is the binary of the previous release. It is built once and kept, since it never changes.
var previousProgram = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "guiche-releases")
	program := filepath.Join(folder, previousRelease)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	source, err := os.MkdirTemp("", "guiche-release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(source)
	top, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("the previous release is built from the repository's history, and this is no clone of it: %w", err)
	}
	archive, err := exec.Command("git", "-C", strings.TrimSpace(string(top)), "archive", previousRelease).Output()
	if err != nil {
		return "", fmt.Errorf("commit %s, the previous release, is not in this clone; if it is a shallow one: git fetch --unshallow: %w", previousRelease, err)
	}
	unpack := exec.Command("tar", "x", "-C", source)
	unpack.Stdin = bytes.NewReader(archive)
	if said, err := unpack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("unpack the previous release: %w: %s", err, said)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(source, "guiche"), ".")
	build.Dir = source
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the previous release: %w: %s", err, said)
	}
	content, err := os.ReadFile(filepath.Join(source, "guiche"))
	if err != nil {
		return "", err
	}
	// Other processes may look for it at this moment, and find it whole or not at all.
	part := fmt.Sprintf("%s.%d", program, os.Getpid())
	if err := os.WriteFile(part, content, 0o700); err != nil {
		return "", err
	}
	return program, os.Rename(part, program)
})

// release is one of the two whose processes run side by side.
type release string

const (
	previous release = "previous"
	current  release = "current"
)

// begin starts a role of a release.
func (d *deploy) begin(r release, role string, changes map[string]string) *process {
	d.t.Helper()
	program := os.Args[0]
	if r == previous {
		var err error
		if program, err = previousProgram(); err != nil {
			d.t.Fatal(err)
		}
	}
	settings := maps.Clone(d.settings)
	maps.Copy(settings, changes)
	return startProgram(d.t, program, settings, "", role)
}

// deploy is a shop on the newest schema whose roles are those of either release.
type deploy struct{ rush }

// newDeploy starts a worker, web processes behind a balancer and the sandbox, but no generator.
func newDeploy(t *testing.T, worker release, webs ...release) *deploy {
	t.Helper()
	d := &deploy{rush{shop: newShop(t, nil)}}
	d.startSandbox()
	d.begin(worker, "worker", nil)
	var backends []string
	for i, web := range webs {
		d.begin(web, "web", map[string]string{"PORT": fmt.Sprint(d.webPort(i))})
		backends = append(backends, "localhost:"+fmt.Sprint(d.webPort(i)))
	}
	d.balancer = newBalancer(t, backends...)
	return d
}

const (
	deployTickets = 6
	rushThird     = 12 // fans
)

// sell publishes the event, which needs a generator, and waits until every web process is ready.
func (d *deploy) sell(holdSeconds int) {
	d.t.Helper()
	now := time.Now()
	d.event = d.createEvent(store.Event{
		Slug: "rush", Name: "Rush", StartsAt: now.AddDate(0, 1, 0), SaleStartsAt: now.Add(-time.Hour),
		SaleEndsAt: now.Add(time.Hour), PerPerson: 1, HoldSeconds: holdSeconds,
		Types: []store.TicketType{{Name: "Pista", PriceCents: 1000, Capacity: deployTickets}},
	})
	world.Eventually(d.t, "every web process is ready", func() bool {
		for i := range d.balancer.ready {
			if !d.balancer.ready[i].Load() {
				return false
			}
		}
		return true
	})
}

// join enters the line and returns where the order is.
func (d *deploy) join(client *http.Client) (order string, err error) {
	id := uuid.NewString()
	location, err := d.post(client, d.balancer.URL+"/events/rush/orders", url.Values{
		"order_id": {id}, "ticket_type": {strconv.FormatInt(d.event.Types[0].ID, 10)}, "quantity": {"1"},
	})
	if err == nil && location != "/orders/"+id {
		err = fmt.Errorf("joining led to %q", location)
	}
	return d.balancer.URL + location, err
}

// mustJoin is join for those who stand in front of the others.
func (d *deploy) mustJoin(client *http.Client) string {
	d.t.Helper()
	order, err := d.join(client)
	if err != nil {
		d.t.Fatal(err)
	}
	return order
}

// pay waits for the tickets of an order, pays by the sandbox, and waits for the end.
func (d *deploy) pay(client *http.Client, order string) (status string, err error) {
	if status, err = d.follow(client, order, store.Queued, store.Waiting); err != nil || status != string(store.Reserved) {
		return status, err
	}
	page, err := d.post(client, order+"/pay", nil)
	if err != nil {
		return "", err
	}
	if _, err := d.post(client, page, url.Values{"outcome": {"approve"}}); err != nil {
		return "", err
	}
	return d.follow(client, order, store.Reserved)
}

// wantStatus waits until an order has come to a state.
func (d *deploy) wantStatus(client *http.Client, order string, want store.OrderStatus, from ...store.OrderStatus) {
	d.t.Helper()
	if status, err := d.follow(client, order, from...); err != nil || status != string(want) {
		d.t.Errorf("an order ended as %s (%v), want %s", status, err, want)
	}
}

// sold checks the end of a sale: every ticket is paid for, nothing was set aside, and every book agrees.
func (d *deploy) sold() {
	d.t.Helper()
	world.Eventually(d.t, "every ticket is sold", func() bool { b := d.book(d.event); return b.Sold == deployTickets && b.Held == 0 })
	queues, err := d.redis.SMembers(d.t.Context(), "asynq:queues").Result()
	if err != nil || len(queues) == 0 {
		d.t.Errorf("queues: %v, %v", queues, err)
	}
	for _, queue := range queues {
		if aside, err := d.redis.ZRange(d.t.Context(), "asynq:{"+queue+"}:archived", 0, -1).Result(); err != nil || len(aside) > 0 {
			d.t.Errorf("set aside in %s: %v, %v", queue, aside, err)
		}
	}
	d.audited()
}

// TestTwoReleasesSellSideBySide lets each release decide, pay and undo what the other one accepted, on one Postgres of
// the newest schema and one Redis.
func TestTwoReleasesSellSideBySide(t *testing.T) {
	if testing.Short() {
		t.Skip("another release has to be built")
	}
	t.Parallel()
	t.Run("the generator is new", func(t *testing.T) {
		t.Parallel()
		sellAll(t, previous, current)
	})
	t.Run("the generator is old", func(t *testing.T) {
		t.Parallel()
		sellAll(t, current, previous)
	})
	t.Run("the generator changes", func(t *testing.T) {
		t.Parallel()
		sellInRush(t)
	})
	t.Run("the deploy is taken back", func(t *testing.T) { // whose release command runs first
		t.Parallel()
		d := &deploy{rush{shop: newShop(t, nil)}}
		p := d.begin(previous, "migrate", nil)
		if <-p.gone; p.err != nil {
			t.Errorf("the previous release's migrate ended with %v", p.err)
		}
	})
}

// sellAll plays all that may become of an order, with a generator of another release than web and worker.
func sellAll(t *testing.T, others, generator release) {
	d := newDeploy(t, others, others)
	d.begin(generator, "generator", nil)
	d.sell(5)
	clients := d.fans(deployTickets + 3)
	expires, leaves, last, payers := clients[0], clients[1], clients[2], clients[3:]

	expiring, leaving := d.mustJoin(expires), d.mustJoin(leaves)
	d.wantStatus(leaves, leaving, store.Reserved, store.Queued)
	var joining, paying sync.WaitGroup
	for _, client := range payers {
		joining.Add(1)
		paying.Go(func() {
			order, err := d.join(client)
			joining.Done()
			if err != nil {
				t.Error(err)
				return
			}
			if status, err := d.pay(client, order); err != nil || status != string(store.Paid) {
				t.Errorf("a payer's order ended as %s: %v", status, err)
			}
		})
	}
	joining.Wait()
	disappointed := d.mustJoin(last)
	if _, err := d.post(leaves, leaving+"/leave", nil); err != nil {
		t.Error(err)
	}
	d.wantStatus(leaves, leaving, store.Left, store.Reserved)
	d.wantStatus(expires, expiring, store.Expired, store.Queued, store.Reserved)
	d.wantStatus(last, disappointed, store.SoldOut, store.Queued, store.Waiting)
	paying.Wait()
	d.sold()
}

// sellInRush is a deploy that reaches the generator in the middle of a rush, where the old one dies, and is taken back.
func sellInRush(t *testing.T) {
	d := newDeploy(t, previous, previous, current)
	old := d.begin(previous, "generator", nil)
	d.sell(600)
	clients := d.fans(3 * rushThird)
	taker := d.begin(current, "generator", nil)
	var joined atomic.Int64
	thirds := [3]chan struct{}{make(chan struct{}), make(chan struct{}), make(chan struct{})} // closed when so many have joined
	statuses := make([]string, len(clients))
	var buying sync.WaitGroup
	rush := func(n int) {
		for i := n * rushThird; i < (n+1)*rushThird; i++ {
			buying.Go(func() {
				order, err := d.join(clients[i])
				if n := joined.Add(1); n%rushThird == 0 {
					close(thirds[n/rushThird-1])
				}
				if err == nil {
					statuses[i], err = d.pay(clients[i], order)
				}
				if err != nil {
					t.Errorf("fan %d: %v", i, err)
				}
			})
		}
	}
	rush(0)
	<-thirds[0]
	rush(1) // while the old one dies
	old.kill()
	<-thirds[1]
	d.leads(taker)
	again := d.begin(previous, "generator", nil)
	rush(2) // while the new one stops
	taker.stop()
	<-thirds[2]
	d.leads(again)
	buying.Wait()
	told := map[string]int{}
	for _, status := range statuses {
		told[status]++
	}
	if told[string(store.Paid)] != deployTickets || told[string(store.SoldOut)] != len(clients)-deployTickets {
		t.Errorf("told: %v", told)
	}
	d.sold()
}

// leads waits until a generator serves the line.
func (d *deploy) leads(generator *process) {
	d.t.Helper()
	world.Eventually(d.t, "the generator leads", func() bool { return strings.Contains(generator.output.String(), "leading the line") })
}
