package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// opsTime is how long one of the servers may take to answer.
const opsTime = 1500 * time.Millisecond

// Ops is what the people who run the shop read, on a listener that only they reach: /metrics, /healthz, whether this process
// can work (/readyz), and how the servers are that all processes share (/statusz).
type Ops struct {
	http.Handler
	line *line.Line

	mu    sync.Mutex
	store *store.Store // nil in the generator
	ready func(context.Context) error
}

// NewOps serves what a registry gathers. A process is not ready before it has said what makes it so.
func NewOps(reg prometheus.Gatherer, queue *line.Line) *Ops {
	mux := http.NewServeMux()
	o := &Ops{Handler: mux, line: queue, ready: func(context.Context) error { return errStarting }}
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeOps(w, http.StatusOK, map[string]any{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", o.readyz)
	mux.HandleFunc("GET /statusz", o.statusz)
	return o
}

// errStarting says that this process is not up yet.
var errStarting = errors.New("starting")

// Ready sets what says whether the process can work.
func (o *Ops) Ready(ready func(context.Context) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ready = ready
}

// AddStore lets the process tell of Postgres too.
func (o *Ops) AddStore(s *store.Store) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.store = s
}

// Fresh is ready while a pulse is younger than most; words say what is missing else.
func Fresh(p *jobs.Pulse, most time.Duration, words string) func(context.Context) error {
	return func(context.Context) error {
		if p.Since() > most {
			return fmt.Errorf("%s for %s", words, most)
		}
		return nil
	}
}

func (o *Ops) readyz(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	ready := o.ready
	o.mu.Unlock()
	if err := ready(r.Context()); err != nil {
		writeOps(w, http.StatusServiceUnavailable, map[string]any{"status": err.Error()})
		return
	}
	writeOps(w, http.StatusOK, map[string]any{"status": "ok"})
}

// statusz tells how the shared servers and those who work behind the scenes are; 503 if something is missing.
func (o *Ops) statusz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), opsTime)
	defer cancel()
	o.mu.Lock()
	db := o.store
	o.mu.Unlock()
	status, words := http.StatusOK, map[string]any{"status": "ok"}
	tell := func(who string, err error) {
		words[who] = "ok"
		if err != nil {
			status, words["status"], words[who] = http.StatusServiceUnavailable, "unavailable", err.Error()
		}
	}
	if db != nil {
		tell("postgres", db.CheckWritable(ctx))
		tell("schema", db.CheckSchema(ctx))
	}
	tell("redis", o.line.CheckWritable(ctx))
	if beat, err := o.line.Beat(ctx); err == nil {
		tell("generator", overdue(beat.Leader, leaderQuiet, "no generator has been heard"))
		tell("worker", overdue(beat.Sweep, sweepQuiet, "no worker has swept"))
	}
	writeOps(w, status, words)
}

// How long those who work behind the scenes may be silent.
const (
	leaderQuiet = 8 * time.Second
	sweepQuiet  = 30 * time.Second
)

func overdue(age, most time.Duration, words string) error {
	switch {
	case age < 0:
		return fmt.Errorf("%s yet", words)
	case age > most:
		return fmt.Errorf("%s for %s", words, age.Round(time.Second))
	}
	return nil
}

func writeOps(w http.ResponseWriter, status int, words map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(words) // whoever asked may be gone
}
