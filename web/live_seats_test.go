package web

import "testing"

func TestNobodyTakesTheLiveUpdatesOfAllOthers(t *testing.T) {
	s := newSeats()
	var leave []func()
	for account := range int64(mostOfAddress / mostOfAccount) {
		for range mostOfAccount {
			one, ok := s.take(account, "203.0.113.7")
			if !ok {
				t.Fatalf("account %d is refused", account)
			}
			leave = append(leave, one)
		}
	}
	if _, ok := s.take(0, "198.51.100.1"); ok {
		t.Error("an account follows from everywhere")
	}
	if _, ok := s.take(-1, "203.0.113.7"); ok {
		t.Error("an address follows without end")
	}
	if _, ok := s.take(-1, "198.51.100.1"); !ok {
		t.Error("somebody else is refused")
	}
	leave[0]()
	if _, ok := s.take(0, "203.0.113.7"); !ok {
		t.Error("a place that was left is not given again")
	}
}
