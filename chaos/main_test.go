package chaos

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var orders = flag.Int("orders", 10_000, "orders of all rounds together; a long round, from 50,000 on, also stops a leader for 75 seconds")

// longFrom is how many orders make a long round.
const longFrom = 50_000

func TestMain(m *testing.M) {
	if os.Getenv(asBaseline) != "" {
		baseline()
		return
	}
	code := m.Run()
	if folder != "" {
		_ = os.RemoveAll(folder) // a left-over is harmless
	}
	os.Exit(code)
}

// folder is where the program of these tests was built.
var folder string

// program builds guiche once, as package main cannot be imported.
var program = sync.OnceValues(func() (string, error) {
	// What tests look at decides whether go runs them again; it does not see what go build looks at.
	if err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != ".." && strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		return err
	}); err != nil {
		return "", err
	}
	var err error
	if folder, err = os.MkdirTemp("", "guiche-chaos-"); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "guiche")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "guiche")
	build.Stderr = os.Stderr
	return path, build.Run()
})

// patience is how long a condition may take to come true: far longer than it should.
const patience = time.Minute

// eventually waits until ok says so.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := until(ctx, ok); err != nil {
		t.Fatalf("did not come true: %s", what)
	}
}

// until asks again and again until the answer is yes or time is up.
func until(ctx context.Context, ok func() bool) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
