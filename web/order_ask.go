package web

import (
	"sync"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
)

// askRate and askBurst are how often browsers that poll may ask for one order, in requests per second and at once.
const askRate, askBurst = 3, 20

// askLimits counts in this process alone: a poll is answered from its memory.
type askLimits struct {
	mu    sync.Mutex
	asked map[uuid.UUID]*rate.Limiter
}

func newAskLimits() *askLimits { return &askLimits{asked: map[uuid.UUID]*rate.Limiter{}} }

// allow counts a request for an order.
func (a *askLimits) allow(id uuid.UUID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.asked[id]
	if one == nil {
		if len(a.asked) >= mostPlaces {
			clear(a.asked)
		}
		one = rate.NewLimiter(askRate, askBurst)
		a.asked[id] = one
	}
	return one.Allow()
}
