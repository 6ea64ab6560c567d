package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"guiche/journeys/world"
)

// emptied is what was seen of the emptyings of a round.
type emptied struct {
	memory
	times                int
	queued, held, waited int // orders that were told to be so right before an emptying, all times together
}

func (e *emptied) String() string {
	return fmt.Sprintf("%d in line, %d held, %d waiting; %d told to join again", e.queued, e.held, e.waited, len(e.gone))
}

// shownNumbers is how many fans note their number before an emptying.
const shownNumbers = 20

// emptyRedis makes Redis lose everything: sometimes while it runs and sometimes while it is down, sometimes with a line that
// nobody serves and sometimes with one that moves. Then every fan looks at what is left of her order.
func emptyRedis(p *running, k int) {
	leader, standby := p.ready()
	stands := k/2%2 == 0
	if stands {
		leader.signal(syscall.SIGSTOP)
		standby.signal(syscall.SIGSTOP)
	}
	p.release(p.orders / (4 * p.faults))
	if stands {
		p.answered()
		p.showNumbers()
	}
	p.remember()
	if k%2 == 0 {
		if err := p.rdb.FlushAll(p.t.Context()).Err(); err != nil {
			p.t.Fatal(err)
		}
	} else {
		p.redis.Kill()
		if err := os.RemoveAll(filepath.Join(p.redis.Folder, "data")); err != nil {
			p.t.Fatal(err)
		}
		p.redis.again(p.t)
	}
	at := time.Now()
	leader.signal(syscall.SIGCONT)
	standby.signal(syscall.SIGCONT)
	p.answered()
	p.lookAgain(at)
}

// answered waits until every fan who was released has her answer.
func (p *running) answered() {
	p.t.Helper()
	world.Eventually(p.t, "all are told that they are in line", func() bool { return p.crowd.acknowledged.Load() == int64(p.crowd.released) })
}

// remember notes what pages would say now.
func (p *running) remember() {
	e := &p.emptied
	if e.decided == nil {
		e.decided = map[uuid.UUID]outcome{}
	}
	e.times++
	e.queued += int(p.crowd.acknowledged.Load())
	for _, o := range p.outcomes(p.event) {
		e.queued--
		switch o.status {
		case "waiting":
			e.waited++
		case "reserved":
			e.held++
		}
		e.decided[o.order] = o
	}
}

// showNumbers has some of the last fans in line look at their numbers.
func (p *running) showNumbers() {
	for i := p.crowd.released - 1; i >= max(0, p.crowd.released-shownNumbers); i-- {
		world.Eventually(p.t, "a page shows a number", func() bool {
			told, err := p.browsers.look(p.t.Context(), p.crowd.wishes[i])
			p.crowd.seen[i].number = told.number
			return err == nil
		})
	}
}

// lookAgain has every fan look at her page until it tells her what her order came to. Who had joined before the
// emptying may be told that her order is not known: then she joins again, with the same form or with a new one.
func (p *running) lookAgain(at time.Time) {
	known := func(order uuid.UUID) bool {
		_, decided := p.emptied.decided[order]
		return decided
	}
	fans := make(chan int)
	var mu sync.Mutex
	var looking sync.WaitGroup
	for range senders {
		looking.Go(func() {
			for i := range fans {
				gone, err := p.follow(i)
				if err != nil {
					p.t.Errorf("fan %d does not hear what became of her order: %v", i, err)
				}
				mu.Lock()
				for _, s := range gone {
					if known(s.order) || s.sent.After(at) {
						p.t.Errorf("order %s was decided, or sent after the emptying, and is not known", s.order)
					}
					p.emptied.gone = append(p.emptied.gone, s)
				}
				mu.Unlock()
			}
		})
	}
	looked := 0
	for i := range p.crowd.released {
		if known(p.crowd.wishes[i].ID) {
			if looked++; looked > mostLooks/p.faults {
				continue
			}
		}
		fans <- i
	}
	close(fans)
	looking.Wait()
}

// follow is one fan who looks at her page, and joins again when she is told to, until her order came to something.
func (p *running) follow(i int) (gone []sighting, err error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), world.Patience)
	defer cancel()
	c := p.crowd
	if late := world.Until(ctx, func() bool {
		var told outcome
		told, err = p.browsers.look(ctx, c.wishes[i])
		if !errors.Is(err, errUnknown) {
			return err == nil && told.status != "queued"
		}
		gone = append(gone, c.seen[i])
		if i%2 == 0 {
			c.wishes[i].ID = uuid.New()
		}
		c.seen[i].order, c.seen[i].number = c.wishes[i].ID, 0
		return !c.join(i)
	}); late != nil {
		return gone, errors.Join(late, err)
	}
	return gone, nil
}

// struck fails the round unless the emptyings hit orders in every state that they are meant to hit.
func struck(p *running) {
	e := &p.emptied
	if e.queued == 0 || e.held == 0 || e.waited == 0 || len(e.gone) == 0 {
		p.t.Errorf("no order was in line, or held, or waiting, or nobody was told: %v", e)
	}
}
