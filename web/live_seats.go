package web

import (
	"sync"

	"github.com/google/uuid"
)

const (
	// mostOfOrder is how many connections with live updates this process keeps for one order. A browser has six connections
	// to a site over HTTP/1.1, and something must be left for pressing a button; a page beyond these polls.
	mostOfOrder = 3
	// mostOfAccount is how many one account may hold on one process.
	mostOfAccount = 6
	// mostOfAddress is how many one address may: a mobile carrier puts thousands of fans behind one.
	mostOfAddress = 3000
)

// What has no seat left, as the metric of limits tells it.
const (
	orderFull = "order"
	liveFull  = "live" // the account or the address
)

// seats counts the connections with live updates, so that nobody takes those of all others.
type seats struct {
	mu        sync.Mutex
	orders    map[uuid.UUID]int
	accounts  map[int64]int
	addresses map[string]int
}

func newSeats() *seats {
	return &seats{orders: map[uuid.UUID]int{}, accounts: map[int64]int{}, addresses: map[string]int{}}
}

// take gives a connection its seat until leave; else full says what has as many as it may.
func (s *seats) take(order uuid.UUID, account int64, address string) (leave func(), full string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.accounts[account] >= mostOfAccount, s.addresses[address] >= mostOfAddress:
		return nil, liveFull
	case s.orders[order] >= mostOfOrder:
		return nil, orderFull
	}
	s.count(order, account, address, 1)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count(order, account, address, -1)
	}, ""
}

// count moves all three counts; mu is held.
func (s *seats) count(order uuid.UUID, account int64, address string, n int) {
	count(s.orders, order, n)
	count(s.accounts, account, n)
	count(s.addresses, address, n)
}
