package web

import (
	"testing"

	"github.com/google/uuid"
)

func TestLiveConnectionsAreCountedPerOrderAndPerAccount(t *testing.T) {
	s := newStreams()
	var closes []func()
	open := func(order uuid.UUID, account int64) bool {
		closed, ok := s.open(order, account)
		if ok {
			closes = append(closes, closed)
		}
		return ok
	}
	one, two, three := uuid.New(), uuid.New(), uuid.New()
	for i := range mostStreams {
		if !open(one, 7) || !open(two, 7) {
			t.Fatalf("the tabs %d of her two orders are not followed", i+1)
		}
	}
	if open(one, 7) {
		t.Error("one order is followed without end")
	}
	if open(three, 7) {
		t.Error("one account follows without end")
	}
	if !open(three, 8) {
		t.Error("somebody else is kept out")
	}
	closes[0]()
	if !open(three, 7) {
		t.Error("a tab that was closed still counts")
	}
	for _, closed := range closes[1:] {
		closed()
	}
	if len(s.orders)+len(s.accounts) != 0 {
		t.Errorf("whoever went away is still known: %v, %v", s.orders, s.accounts)
	}
}
