package web

import (
	"errors"
	"runtime"
	"testing"
)

func TestOneHomeDoesNotKeepOthersFromSigningIn(t *testing.T) {
	h := newHasher()
	h.slots = 2
	order := make(chan string, 100)
	waits := func(who string, from source) {
		t.Helper()
		h.mu.Lock()
		n := len(h.waiting)
		h.mu.Unlock()
		go func() {
			leave, err := h.enter(t.Context(), from)
			if err != nil {
				order <- err.Error()
				return
			}
			order <- who
			leave()
		}()
		for { // until she waits
			h.mu.Lock()
			now := len(h.waiting)
			h.mu.Unlock()
			if now > n {
				return
			}
			runtime.Gosched()
		}
	}
	bot, home := sourceOf("203.0.113.7", false), sourceOf("2001:db8:1:2::1", false)
	one, err := h.enter(t.Context(), bot)
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.enter(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	waits("the bot's second", bot)
	waits("the bot's third", bot)
	waits("the same home", sourceOf("2001:db8:1:2::9", false))
	waits("a fan", sourceOf("198.51.100.1", false))
	waits("a known device", sourceOf("198.51.100.2", true))
	waits("a later fan", sourceOf("198.51.100.3", false))
	one()
	for _, want := range []string{"a known device", "a later fan", "a fan", "the bot's third", "the bot's second"} {
		if got := <-order; got != want {
			t.Errorf("%s came, want %s", got, want)
		}
	}
	two()
	if got := <-order; got != "the same home" {
		t.Errorf("%s came, want the same home", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy != 0 || len(h.homes)+len(h.networks)+len(h.waiting) != 0 {
		t.Errorf("left: %d %v %v %v", h.busy, h.homes, h.networks, h.waiting)
	}
}

func TestWhoeverHasWaitedTheLongestTriesAgain(t *testing.T) {
	h := newHasher()
	h.slots = 0
	answers := make(chan error, mostWaiting+1)
	for range mostWaiting + 1 {
		go func() {
			_, err := h.enter(t.Context(), source{})
			answers <- err
		}()
	}
	if err := <-answers; !errors.Is(err, errBusy) {
		t.Errorf("who waits in a full queue: %v", err)
	}
}
