// Guichê sells tickets for events where a hundred thousand fans arrive in the same minute. This one binary plays
// every role; the first argument says which.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a machine without time zones would show every show in UTC, and know no zone an admin may choose
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], environ(), os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "guiche:", err)
		os.Exit(1)
	}
}

// command is something that the binary does.
type command struct {
	name string
	args string // what follows the name, for people
	help string
	run  func(ctx context.Context, a *app) error
}

// app is what every command gets.
type app struct {
	settings
	args   []string
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
	env    map[string]string
}

func commands() []command {
	return []command{
		{"dev", "", "the whole shop on this machine, with its own Postgres and Redis, demo data and play money", runDev},
		{"all", "", "every role on this machine, on DATABASE_URL and REDIS_URL", runAll},
		{"web", "", "answer browsers", runWeb},
		{"generator", "", "decide the line; one leads, others stand by", runGenerator},
		{"worker", "", "ask the payment API, keep deadlines, pay refunds, send letters", runWorker},
		{"sandbox", "", "the sandbox payment provider, and dev's mail server", runSandbox},
		{"migrate", "", "bring the database to this version's schema", runMigrate},
		{"admin", "create EMAIL", "make an admin; the password is asked for or read from standard input", runAdmin},
		{"audit", "", "recompute the books from rows and show what differs", runAudit},
		{"version", "", "tell the version", runVersion},
		{"help", "", "show this", runHelp},
	}
}

// commandNames are all words that may stand first.
func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

var errUsage = errors.New("unknown command; see guiche help")

// run does what the arguments say; tests call it as main does.
func run(ctx context.Context, args []string, env map[string]string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		s, err := readSettings(env)
		if err != nil {
			return err
		}
		a := &app{settings: s, args: args[1:], stdout: stdout, stderr: stderr, env: env}
		a.log = newLog(stderr, s.LogFormat, c.name)
		return c.run(ctx, a)
	}
	return fmt.Errorf("%q: %w", args[0], errUsage)
}

// newLog writes JSON for machines, or text for people.
func newLog(w io.Writer, format, role string) *slog.Logger {
	var h slog.Handler = slog.NewJSONHandler(w, nil)
	if format == "text" {
		h = slog.NewTextHandler(w, nil)
	}
	return slog.New(h).With("role", role)
}

func runHelp(_ context.Context, a *app) error {
	fmt.Fprintln(a.stdout, "Guichê sells tickets, first come first served.")
	fmt.Fprintln(a.stdout)
	for _, c := range commands() {
		fmt.Fprintf(a.stdout, "  guiche %-22s %s\n", c.name+" "+c.args, c.help)
	}
	fmt.Fprintln(a.stdout)
	fmt.Fprintln(a.stdout, "Settings come from the environment; README.md lists them.")
	return nil
}
