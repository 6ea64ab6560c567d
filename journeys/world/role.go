package world

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/generator"
)

// Quiet is a log that nobody reads.
var Quiet = slog.New(slog.DiscardHandler)

// Role runs a role until the test ends, and fails the test if it ends with an error. stop ends it before, and can be
// called again.
func (w *World) Role(name string, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.T.Errorf("the %s ended: %v", name, err)
		}
	})
	w.T.Cleanup(stop)
	return stop
}

// Generator starts the generator and returns when it serves the line.
func (w *World) Generator() (stop func()) {
	w.T.Helper()
	leads := make(chan struct{})
	stop = w.Role("generator", func(ctx context.Context) error {
		return generator.Run(ctx, generator.Config{
			DatabaseURL: w.DatabaseURL, Redis: w.Redis, Log: Quiet,
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	})
	select {
	case <-leads:
	case <-time.After(Patience):
		w.T.Fatal("no generator leads")
	}
	return stop
}
