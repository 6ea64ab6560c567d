package web

import (
	"sync"

	"github.com/google/uuid"
)

// mostStreams is how many live connections this process keeps for one order; mostOfAccount bounds those of an account. A
// browser has six connections to a site over HTTP/1.1, and something must be left for pressing a button; a page beyond
// these polls.
const mostStreams = 3

// streams counts the live connections.
type streams struct {
	mu       sync.Mutex
	orders   map[uuid.UUID]int
	accounts map[int64]int
}

func newStreams() *streams { return &streams{orders: map[uuid.UUID]int{}, accounts: map[int64]int{}} }

// open counts one more, to be closed in the end, unless there are as many as there may be.
func (s *streams) open(order uuid.UUID, account int64) (closed func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders[order] >= mostStreams || s.accounts[account] >= mostOfAccount {
		return nil, false
	}
	s.orders[order]++
	s.accounts[account]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		less(s.orders, order)
		less(s.accounts, account)
	}, true
}

// less counts one less, and forgets who has none.
func less[K comparable](counts map[K]int, key K) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}
