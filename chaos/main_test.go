package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
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
