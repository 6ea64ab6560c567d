// Guichê sells tickets for events where a hundred thousand fans arrive in the same minute. This one binary plays
// every role; the first argument says which.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a machine without time zones would show every show in UTC, and know no zone an admin may choose

	"guiche/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := app.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "guiche:", err)
		os.Exit(1)
	}
}
