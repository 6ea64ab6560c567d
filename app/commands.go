// Package app is everything between the command line and the rooms: the commands and their settings, the processes that
// they start, the supervisor of a whole shop on one machine, and the demo data.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/caarlos0/env/v11"

	"guiche/store"
)

// command is something that the binary does.
type command struct {
	name string
	args string // what follows the name, for people
	help string
	run  func(ctx context.Context, a *app) error

	plain bool // needs no settings, so wrong ones do not keep it from helping
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
		{"dev", "", "the whole shop on this machine, with its own Postgres and Redis, demo data and play money", runDev, false},
		{"all", "", "every role on this machine, on DATABASE_URL and REDIS_URL", runAll, false},
		{"web", "", "answer browsers", runWeb, false},
		{"generator", "", "decide the line; one leads, others stand by", runGenerator, false},
		{"worker", "", "ask the payment API, keep deadlines, pay refunds, send letters", runWorker, false},
		{"sandbox", "", "the sandbox payment provider, and dev's mail server", runSandbox, false},
		{"migrate", "", "bring the database to this version's schema", runMigrate, false},
		{"admin", "create EMAIL", "make an admin; the password is asked for or read from standard input", runAdmin, false},
		{"audit", "", "recompute the books from rows and show what differs", runAudit, false},
		{"version", "", "print the version", runVersion, true},
		{"help", "", "show this", runHelp, true},
	}
}

var errUsage = errors.New("unknown command; see guiche help")

// Run does what the arguments say, with the settings that environ holds in the form of os.Environ.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	for _, word := range args[:min(len(args), 2)] { // guiche --help, and guiche web --help
		if other, ok := otherNames[word]; ok {
			args = []string{other}
			break
		}
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		a := &app{args: args[1:], environ: environ, stdout: stdout, stderr: stderr}
		if c.plain {
			return c.run(ctx, a)
		}
		s, err := readSettings(env.ToMap(environ))
		if err != nil {
			return err
		}
		a.settings = s
		a.log = newLog(stderr, s.LogFormat, s.level, c.name)
		err = c.run(ctx, a)
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return nil // it was asked to stop, and did
		}
		return err
	}
	return fmt.Errorf("%q: %w", args[0], errUsage)
}

// otherNames are how people ask for a command by habit.
var otherNames = map[string]string{"--help": "help", "-h": "help", "-help": "help", "--version": "version", "-v": "version", "-version": "version"}

// newLog writes JSON for machines, or text for people.
func newLog(w io.Writer, format string, level slog.Level, role string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if format == "text" {
		h = slog.NewTextHandler(w, options)
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
