package sandbox

import (
	"sync"
	"time"
)

// temper is the cruelty in force, since when, and what has been drawn under it.
type temper struct {
	clock func() time.Time // of the world

	mu      sync.Mutex
	cruelty Cruelty
	since   time.Time
	calls   map[string]uint64 // how often each call was made for each charge
	changed chan struct{}     // closed when a cruelty is set
}

func newTemper(c Cruelty, clock func() time.Time) *temper {
	t := &temper{clock: clock, changed: make(chan struct{})}
	t.set(c)
	return t
}

// set begins anew, even with the same cruelty: windows open from now on, and calls are counted from one. It says whether
// the cruelty is another one.
func (t *temper) set(c Cruelty) (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	changed = c != t.cruelty
	t.cruelty, t.since, t.calls, t.changed = c, t.clock(), map[string]uint64{}, make(chan struct{})
	return changed
}

func (t *temper) now() Cruelty {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cruelty
}

// time is what the provider's clock says.
func (t *temper) time() time.Time { return t.clock().Add(t.now().Skew) }

// mishap is what befalls one call of the API.
type mishap struct {
	down    bool          // answered 503, undone
	busy    bool          // answered 429, undone
	hangs   bool          // not answered, undone
	lost    bool          // done, not answered
	delay   time.Duration // before the answer
	changed <-chan struct{}
}

// meet counts a call and draws what befalls it.
func (t *temper) meet(call, reference string, acts bool) mishap {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, age := t.cruelty, t.clock().Sub(t.since)
	key := call + "\n" + reference
	t.calls[key]++
	n := t.calls[key]
	return mishap{
		down:    c.Down.holds(age) || c.hits(c.Outage, "outage "+call, reference, n),
		busy:    c.hits(c.Busy, "busy "+call, reference, n),
		hangs:   c.Stuck.holds(age) || c.hits(c.Hang, "hang "+call, reference, n),
		lost:    acts && c.hits(c.LostAnswer, "lost_answer "+call, reference, n),
		delay:   c.within(c.Delay, "delay "+call, reference, n),
		changed: t.changed,
	}
}
