package contract

import (
	"sync"
	"time"
)

// Clock is a clock that only the test moves.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock stands at the evening of a show.
func NewClock() *Clock {
	return &Clock{at: time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC)}
}

// Now is the time that the test has made it.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
