package jobs

import (
	"sync/atomic"
	"time"
)

// Pulse is when a process last did what it is for.
type Pulse struct{ last atomic.Int64 }

// Beat notes that it did so now.
func (p *Pulse) Beat() { p.last.Store(time.Now().UnixNano()) }

// Since is how long ago that was; years if it never did.
func (p *Pulse) Since() time.Duration { return time.Since(time.Unix(0, p.last.Load())) }
