package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// diary is where a child of the tests writes down what happens to it.
const diary = "SUPERVISOR_TEST_DIARY"

func TestMain(m *testing.M) {
	path := os.Getenv(diary)
	if path == "" {
		os.Exit(m.Run())
	}
	write := func(word string) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = fmt.Fprintln(f, word)
		}
		if err != nil {
			os.Exit(3)
		}
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	write("start")
	if os.Args[1] == "exits" {
		os.Exit(1)
	}
	<-term
	write("stop")
}

func entries(path, word string) int {
	text, _ := os.ReadFile(path) // missing before the first entry
	return strings.Count(string(text), word)
}

func TestChildrenAreStartedAgainAndStoppedInOrder(t *testing.T) {
	folder := t.TempDir()
	brief, steady := filepath.Join(folder, "brief"), filepath.Join(folder, "steady")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		supervise(ctx, os.Args[0], slog.New(slog.DiscardHandler),
			child{role: "exits", env: []string{diary + "=" + brief}},
			child{role: "waits", env: []string{diary + "=" + steady}})
	}()
	deadline, tick := time.After(30*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for entries(brief, "start") < 3 || entries(steady, "start") < 1 {
		select {
		case <-deadline:
			t.Fatal("children are not started again")
		case <-tick.C:
		}
	}
	stop()
	<-done
	if n := entries(steady, "start"); n != 1 {
		t.Errorf("the steady child was started %d times", n)
	}
	if n := entries(steady, "stop"); n != 1 {
		t.Errorf("the steady child was asked to stop %d times", n)
	}
}
