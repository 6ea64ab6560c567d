package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata" // as main has it

	"guiche/app"
)

var orders = flag.Int("orders", 10_000, "orders of all rounds together; a long round, from 50,000 on, also stops a leader for 75 seconds")

// longFrom is how many orders make a long round.
const longFrom = 50_000

// asRole makes this test binary play a role of guiche, so that tests start real processes of what they test.
const asRole = "GUICHE_CHAOS_ROLE"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asRole) == "":
		os.Exit(m.Run())
	case os.Args[1] == "baseline":
		baseline()
	default:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		if err := app.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, "guiche:", err)
			os.Exit(1)
		}
	}
}

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
