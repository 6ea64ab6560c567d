package web

import "sync"

const (
	// mostOfAccount is how many connections with live updates one account may hold on one process; who has more polls.
	mostOfAccount = 6
	// mostOfAddress is how many one address may: a mobile carrier puts thousands of fans behind one.
	mostOfAddress = 3000
)

// seats counts the connections with live updates, so that nobody takes those of all others.
type seats struct {
	mu       sync.Mutex
	accounts map[int64]int
	address  map[string]int
}

func newSeats() *seats { return &seats{accounts: map[int64]int{}, address: map[string]int{}} }

// take gives a connection its place until leave; ok is false if its account or its address has as many as it may.
func (s *seats) take(accountID int64, address string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[accountID] >= mostOfAccount || s.address[address] >= mostOfAddress {
		return nil, false
	}
	count(s.accounts, accountID, 1)
	count(s.address, address, 1)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		count(s.accounts, accountID, -1)
		count(s.address, address, -1)
	}, true
}
