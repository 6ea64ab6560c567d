package cruelty

import (
	"context"
	"sync"
	"time"
)

// Temper is the cruelty in force, since when, and what has been drawn under it.
type Temper struct {
	clock func() time.Time // of the world

	mu      sync.Mutex
	cruelty Cruelty
	since   time.Time
	calls   map[string]uint64 // how often each call was made for each charge
	changed chan struct{}     // closed when a cruelty is set
}

func NewTemper(c Cruelty, clock func() time.Time) *Temper {
	t := &Temper{clock: clock, changed: make(chan struct{})}
	t.Set(c)
	return t
}

// Set begins anew, even with the same cruelty: windows open from now on, and calls are counted from one. It says whether
// the cruelty is another one.
func (t *Temper) Set(c Cruelty) (changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.changed)
	changed = c != t.cruelty
	t.cruelty, t.since, t.calls, t.changed = c, t.clock(), map[string]uint64{}, make(chan struct{})
	return changed
}

func (t *Temper) Now() Cruelty {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cruelty
}

// Time is what the provider's clock says.
func (t *Temper) Time() time.Time { return t.clock().Add(t.Now().Skew) }

// Mishap is what befalls one call of the API.
type Mishap struct {
	Down    bool          // answered 503, undone
	Busy    bool          // answered 429, undone
	Hangs   bool          // not answered, undone
	Lost    bool          // done, not answered
	Delay   time.Duration // before the answer
	changed <-chan struct{}
}

// Meet counts a call and draws what befalls it.
func (t *Temper) Meet(call, reference string, acts bool) Mishap {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, age := t.cruelty, t.clock().Sub(t.since)
	key := call + "\n" + reference
	t.calls[key]++
	n := t.calls[key]
	return Mishap{
		Down:    c.Down.holds(age) || c.hits(c.Outage, "outage "+call, reference, n),
		Busy:    c.hits(c.Busy, "busy "+call, reference, n),
		Hangs:   c.Stuck.holds(age) || c.hits(c.Hang, "hang "+call, reference, n),
		Lost:    acts && c.hits(c.LostAnswer, "lost_answer "+call, reference, n),
		Delay:   c.within(c.Delay, "delay "+call, reference, n),
		changed: t.changed,
	}
}

// Wait lasts until the time is over, the context has ended or a cruelty is set.
func (m Mishap) Wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-m.changed:
	case <-ctx.Done():
	}
}
