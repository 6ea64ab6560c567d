package web

import (
	"testing"

	"github.com/google/uuid"
)

func TestNobodyTakesTheLiveUpdatesOfAllOthers(t *testing.T) {
	s := newSeats()
	var leave []func()
	for account := range int64(mostOfAddress / mostOfAccount) {
		for range mostOfAccount {
			one, full := s.take(uuid.New(), account, "203.0.113.7")
			if full != "" {
				t.Fatalf("account %d is refused: %s", account, full)
			}
			leave = append(leave, one)
		}
	}
	if _, full := s.take(uuid.New(), 0, "198.51.100.1"); full != liveFull {
		t.Errorf("an account follows from everywhere: %q", full)
	}
	if _, full := s.take(uuid.New(), -1, "203.0.113.7"); full != liveFull {
		t.Errorf("an address follows without end: %q", full)
	}
	other, full := s.take(uuid.New(), -1, "198.51.100.1")
	if full != "" {
		t.Fatalf("somebody else is refused: %s", full)
	}
	leave[0]()
	again, full := s.take(uuid.New(), 0, "203.0.113.7")
	if full != "" {
		t.Fatalf("a seat that was left is not given again: %s", full)
	}
	for _, one := range append(leave[1:], other, again) {
		one()
	}
	if len(s.orders)+len(s.accounts)+len(s.addresses) != 0 {
		t.Errorf("whoever went away is still known: %v, %v, %v", s.orders, s.accounts, s.addresses)
	}
}

func TestAnOrderIsFollowedByAFewTabsOnly(t *testing.T) {
	s := newSeats()
	one, two := uuid.New(), uuid.New()
	var leave func()
	for tab := range mostOfOrder {
		var full string
		if leave, full = s.take(one, 7, "203.0.113.7"); full != "" {
			t.Fatalf("tab %d is not followed: %s", tab+1, full)
		}
	}
	if _, full := s.take(one, 7, "203.0.113.7"); full != orderFull {
		t.Errorf("one order is followed without end: %q", full)
	}
	if _, full := s.take(two, 7, "203.0.113.7"); full != "" {
		t.Errorf("another order of hers is not followed: %s", full)
	}
	leave()
	if _, full := s.take(one, 7, "203.0.113.7"); full != "" {
		t.Errorf("a tab that was closed still counts: %s", full)
	}
}
