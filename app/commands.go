// Package app is everything between the command line and the rooms: the commands and their settings, the processes that
// they start, the supervisor of a whole shop on one machine, and the demo data.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/caarlos0/env/v11"

	"guiche/store"
)

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
	args    []string
	environ []string
	stdout  io.Writer
	stderr  io.Writer
	log     *slog.Logger
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
		{"version", "", "print the version", runVersion},
		{"help", "", "show this", runHelp},
	}
}

var errUsage = errors.New("unknown command; see guiche help")

// Run does what the arguments say, with the settings that environ holds in the form of os.Environ.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		s, err := readSettings(env.ToMap(environ))
		if err != nil {
			return err
		}
		a := &app{settings: s, args: args[1:], environ: environ, stdout: stdout, stderr: stderr}
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

func runMigrate(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL"); err != nil {
		return err
	}
	return a.migrate(ctx)
}

// migrate brings the database to this version's schema. One that a newer release has migrated stays as it is: old and
// new run side by side during a deploy, and after one that was taken back.
func (a *app) migrate(ctx context.Context) error {
	err := store.Migrate(ctx, a.DatabaseURL)
	if errors.Is(err, store.ErrNewerSchema) {
		a.log.Info(store.ErrNewerSchema.Error())
		return nil
	}
	return err
}

func runVersion(_ context.Context, a *app) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	fmt.Fprintln(a.stdout, "guiche", version)
	return nil
}
