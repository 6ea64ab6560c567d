package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"guiche/jobs"
	"guiche/journeys/world"
	"guiche/store"
)

// round is one kind of fault, again and again, while an event is sold.
type round struct {
	name   string
	slug   string
	orders int
	faults int
	hold   time.Duration
	way    func(r *running) way // directly, if nil
	setUp  func(r *running)     // generators and nothing else, if nil
	fault  func(r *running, k int)
	after  func(r *running) // once every order was decided
}

// running is a round on a stage.
type running struct {
	*stage
	round
	event     store.Event
	crowd     *crowd
	takeovers []time.Duration
	browsers  *browsers
	wires     map[string]*wire
	emptied   emptied
}

// holdTime is longer than any round.
const holdTime = time.Hour

const (
	// takeoverLimit is how soon a standby leads after the leader died; stopLimit, after it stopped without dying.
	takeoverLimit = time.Second
	stopLimit     = 10 * time.Second
	// longStop is how long the leader is stopped in a long round.
	longStop = 75 * time.Second
)

func TestNothingBreaksTheLine(t *testing.T) {
	if testing.Short() {
		t.Skip("chaos is slow")
	}
	n, long := *orders, *orders >= longFrom
	s := newStage(t, n)
	share := func(percent int) int { return n * percent / 100 }
	times := func(short int) int { // in a long round more of it, bounded
		if long {
			return min(4*short, 50)
		}
		return short
	}
	var lines []string
	for _, r := range []round{
		{name: "generator killed while the line fills", slug: "fill", orders: share(20), faults: times(16), fault: killLeader},
		{name: "generator killed while a full line drains", slug: "drain", orders: share(25), faults: times(5), setUp: fillFirst, fault: killLeader},
		{name: "leader stopped, woken after the takeover", slug: "stop", orders: share(10), faults: 1, fault: stopLeader(long)},
		{name: "Redis killed", slug: "redis", orders: share(10), faults: times(6), fault: killRedis},
		{name: "Redis emptied", slug: "emptied", orders: share(10), faults: times(4), setUp: openShop, way: mostlyDirectly, fault: emptyRedis, after: struck},
		{name: "Postgres killed and restarted", slug: "postgres", orders: share(10), faults: times(4), fault: restartPostgres},
		{name: "replies dropped on every wire", slug: "wires", orders: share(10), faults: times(9), setUp: throughWires, way: overWire, fault: dropReplies},
		{name: "web, worker and generator killed, holds lapse", slug: "web", orders: share(5), faults: times(8), hold: 2 * time.Second, setUp: openShop, way: throughBrowsers, fault: killAnyRole, after: lapsed},
	} {
		t.Run(r.slug, func(t *testing.T) {
			s.t = t
			lines = append(lines, s.play(t, r))
		})
	}
	s.t = t
	for _, line := range lines {
		t.Log(line)
	}
}

// play plays one round and judges it.
func (s *stage) play(t *testing.T, r round) (line string) {
	t.Helper()
	start := time.Now()
	p := &running{stage: s, round: r}
	if p.hold == 0 {
		p.hold = holdTime
	}
	if p.setUp == nil {
		p.setUp = func(p *running) { p.open(nil) }
	}
	p.setUp(p)
	chunk := p.orders / (p.faults + 1)
	for k := range p.faults {
		p.release(chunk)
		strike := int64(k*chunk + 1 + rand.IntN(chunk))
		world.Eventually(t, fmt.Sprintf("order %d has its turn", strike), func() bool { return s.turn(p.event) >= strike })
		r.fault(p, k)
	}
	p.release(p.orders) // all who are left
	seen := p.crowd.sent()
	decided := func() bool {
		return s.number(`select count(*) from orders where event_id = $1 and status <> 'queued'`, p.event.ID) >= int64(len(seen))
	}
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	_ = world.Until(ctx, decided) // the observer tells what is lost
	if r.after != nil {
		r.after(p)
	}
	capacity := map[int64]int{}
	for _, kind := range p.event.Types {
		capacity[kind.ID] = kind.Capacity
	}
	came := s.outcomes(p.event)
	v := observe(seen, came, capacity)
	v.recall(p.emptied.memory, seen, came)
	if !v.clean() {
		t.Errorf("%v:\n%s", v, strings.Join(v.why, "\n"))
	}
	p.compare(came)
	s.audited()
	line = fmt.Sprintf("%-48s %6d orders, %2d faults, %5.1f s; %v", r.name, len(seen), r.faults, time.Since(start).Seconds(), v)
	if p.emptied.times > 0 {
		line += fmt.Sprintf("; %v", &p.emptied)
	}
	if len(p.takeovers) > 0 {
		least, middle, most := median(p.takeovers)
		if r.slug != "stop" {
			p.judgeTakeovers(middle)
		}
		line += fmt.Sprintf("; takeover %d / %d / %d ms of %d", least.Milliseconds(), middle.Milliseconds(), most.Milliseconds(), len(p.takeovers))
	}
	return line
}

// open starts two generators together, and an event for more people than it has tickets for.
func (p *running) open(changes map[string]string) {
	p.t.Helper()
	p.startGenerators(changes)
	p.ready()
	capacity := int(float64(p.orders) * meanQuantity / 2 * 0.6) // of each of two types
	p.event = p.createEvent(p.slug, capacity, p.hold)
	by := directly(p.rdb)
	if p.way != nil {
		by = p.way(p)
	}
	p.crowd = p.gather(p.event, p.orders, by)
}

// release lets more fans send, as far as there are any.
func (p *running) release(n int) {
	p.crowd.release(min(n, p.orders-p.crowd.released))
}

// fillFirst keeps the sale from starting until all are in line.
func fillFirst(p *running) {
	p.open(nil)
	for _, g := range p.generators {
		g.end()
	}
	p.release(p.orders)
	world.Eventually(p.t, "all are in line", func() bool { return p.crowd.acknowledged.Load() == int64(p.orders) })
	p.startGenerators(nil)
}

// killLeader kills the leader, every second time only when another one stands by: that takeover is measured.
func killLeader(p *running, k int) {
	leader, _ := p.leader()
	if k%2 != 0 {
		leader.kill()
		return
	}
	leader, _ = p.ready()
	epoch, alive := p.epoch(), time.Now()
	leader.kill()
	p.followed(alive, epoch)
}

// judgeTakeovers holds the standby to its time limit in a long round, on a machine of its own. A short one runs beside other
// tests, whose work would decide: what it took stands in its table.
func (p *running) judgeTakeovers(middle time.Duration) {
	if *orders >= longFrom && middle > takeoverLimit {
		p.t.Errorf("takeovers took %s at the median", middle)
	}
}

// followed waits until the next leader serves the line, and notes how long that took.
func (p *running) followed(since time.Time, epoch int64) time.Duration {
	p.t.Helper()
	last := p.turn(p.event)
	world.Eventually(p.t, "another one serves the line", func() bool {
		turn := p.turn(p.event)
		return p.epoch() > epoch && (turn > last || turn >= p.crowd.acknowledged.Load()) // or there is nothing to serve
	})
	took := time.Since(since)
	p.takeovers = append(p.takeovers, took)
	return took
}

// stopLeader stops the leader without killing it, and wakes it when it leads no more: it has to end by itself.
func stopLeader(long bool) func(p *running, k int) {
	return func(p *running, _ int) {
		leader, _ := p.ready()
		epoch := p.epoch()
		leader.signal(syscall.SIGSTOP)
		stopped := time.Now()
		p.release(p.orders / 4) // the line goes on growing
		took := p.followed(stopped, epoch)
		if took > stopLimit {
			p.t.Errorf("the takeover took %s", took)
		}
		successor := p.epoch()
		if long {
			select {
			case <-time.After(longStop - took): // asynq's leases and our timeouts are over by then
			case <-p.t.Context().Done():
			}
		}
		leader.signal(syscall.SIGCONT)
		select {
		case <-leader.gone:
			if leader.err == nil {
				p.t.Error("the old leader ended without an error")
			}
		case <-time.After(stopLimit):
			p.t.Error("the old leader goes on")
		}
		if now := p.epoch(); now != successor {
			p.t.Errorf("epoch %d followed %d although nobody died", now, successor)
		}
	}
}

// killRedis kills Redis and starts it again on what it has kept.
func killRedis(p *running, _ int) {
	p.redis.Kill()
	p.redis.again(p.t)
}

// restartPostgres ends Postgres at once, or in good order, and starts it again.
func restartPostgres(p *running, k int) {
	if k%2 == 0 {
		p.postgres.Kill()
	} else if err := p.postgres.Stop(p.t.Context()); err != nil {
		p.t.Error(err)
	}
	p.postgres.again(p.t)
}

// throughWires leads both generators, and who joins, through wires.
func throughWires(p *running) {
	postgres, redis := p.sockets()
	p.wires = map[string]*wire{
		"generator and Redis":    newWire(p.t, "generator and Redis", redis),
		"web and Redis":          newWire(p.t, "web and Redis", redis),
		"generator and Postgres": newWire(p.t, "generator and Postgres", postgres),
	}
	p.startWebs(map[string]string{"REDIS_URL": p.wires["web and Redis"].redisURL()})
	p.open(map[string]string{
		"REDIS_URL": p.wires["generator and Redis"].redisURL(), "DATABASE_URL": p.wires["generator and Postgres"].postgresURL(),
	})
}

// overWire sends every tenth fan through web and the others as web does, all over one wire.
func overWire(p *running) way {
	rdb, err := jobs.OpenRedis(p.t.Context(), p.wires["web and Redis"].redisURL())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = rdb.Close() })
	return p.mostly(directly(rdb))
}

// mostly sends every tenth fan through web and the others another way.
func (p *running) mostly(other way) way {
	post := throughBrowsers(p)
	return func(ctx context.Context, o store.QueuedOrder) error {
		if o.AccountID%10 == 0 {
			return post(ctx, o)
		}
		return other(ctx, o)
	}
}

// mostlyDirectly lets all fans look through web, of whom a few have joined through it.
func mostlyDirectly(p *running) way { return p.mostly(directly(p.rdb)) }

// dropReplies spoils one wire after the other.
func dropReplies(p *running, k int) {
	names := []string{"generator and Redis", "web and Redis", "generator and Postgres"}
	w := p.wires[names[k%len(names)]]
	p.release(p.orders / 20) // a wire on which nothing is said loses nothing
	w.spoil(p.t, dropped(k/len(names)))
}

// openShop starts everything that fans meet.
func openShop(p *running) {
	p.worker = p.keep("worker", nil)
	p.startWebs(nil)
	p.open(nil)
}

func throughBrowsers(p *running) way {
	p.browsers = p.signIn(p.orders)
	return p.browsers.through(p.event.Slug)
}

// killAnyRole kills web processes, the worker and the leader in turns.
func killAnyRole(p *running, k int) {
	switch k % 4 {
	case 0, 2:
		p.webs[k/2%2].current().kill()
	case 1:
		p.worker.current().kill()
	default:
		killLeader(p, k)
	}
}

// lapsed waits until every hold is over, so that everybody's turn has come for what the others did not pay.
func lapsed(p *running) {
	world.Eventually(p.t, "no hold and nobody waiting is left", func() bool {
		return p.number(`select count(*) from orders where event_id = $1 and status in ('reserved', 'waiting')`, p.event.ID) == 0
	})
}

// compare has fans who came through web look at their pages: they say what the rows say.
func (p *running) compare(came []outcome) {
	p.t.Helper()
	if p.browsers == nil {
		return
	}
	wishes := map[string]store.QueuedOrder{}
	for _, o := range p.crowd.wishes {
		wishes[o.ID.String()] = o
	}
	for i, row := range came {
		if i == mostLooks {
			return
		}
		var told outcome
		var err error
		row.waited = false // no page says so
		world.Eventually(p.t, "the page of order "+row.order.String()+" says what became of it", func() bool {
			told, err = p.browsers.look(p.t.Context(), wishes[row.order.String()])
			return err == nil && told.status == row.status && told.number == row.number && told.decision == row.decision &&
				told.kind == row.kind && told.quantity == row.quantity && slices.Equal(told.tickets, row.tickets)
		})
	}
}

// mostLooks bounds how many pages are looked at after a round.
const mostLooks = 300
