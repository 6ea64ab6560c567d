package jobs

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/store"
)

func TestAnEmptiedRedisIsToldAnew(t *testing.T) {
	w := newWorld(t, 3)
	ended, leads := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- RunGenerator(w.ctx, GeneratorConfig{
			DatabaseURL: w.databaseURL, Redis: w.rdb, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}()
	<-leads
	holds, waits := w.joinAll(3, 1), w.joinAll(2, 1)
	for _, o := range holds {
		w.becomes(o.ID, store.Reserved)
	}
	for _, o := range waits {
		w.becomes(o.ID, store.Waiting)
	}
	if err := w.rdb.FlushAll(w.ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.line.Join(w.ctx, w.order(w.fan(), 1)); !errors.Is(err, ErrNotReady) {
		t.Fatalf("joining an emptied line: %v", err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, errEmptied) && !errors.Is(err, errNotOurs) { // the second if a task was still in hand
			t.Fatalf("the leader ended with %v", err)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the leader did not notice")
	}
	w.generator()
	for _, o := range append(holds, waits...) { // places are known again
		if open, err := w.line.Open(w.ctx, w.event.ID, o.AccountID); err != nil || open != o.ID {
			t.Errorf("open order: %v, %v", open, err)
		}
	}
	if s, err := w.cache.Snapshot(w.ctx, w.event.ID); err != nil || s.Waiting != 2 || s.Waits[w.event.Types[0].ID] != 2 || s.InLine() != 0 {
		t.Errorf("snapshot %+v, %v", s, err)
	}
	again := w.joinAll(1, 1)[0]
	if o := w.becomes(again.ID, store.Waiting); o.Number <= 5 {
		t.Errorf("number %d may have been given before", o.Number)
	}
	w.giveUp(holds[0])
	w.becomes(waits[0].ID, store.Reserved)
	if open, _ := w.line.Open(w.ctx, w.event.ID, holds[0].AccountID); open != uuid.Nil {
		t.Errorf("a place is kept for an order that left: %v", open)
	}
	w.balanced(0)
}

func TestARedisThatIsEmptiedDuringATakeoverIsNotTakenForOneThatKnows(t *testing.T) {
	w := newWorld(t, 3)
	if err := w.cache.Rebuild(w.ctx, store.Rebuilt{}); err != nil {
		t.Fatal(err)
	}
	if err := w.rdb.FlushAll(w.ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.line.takeOver(w.ctx, 2); !errors.Is(err, errEmptied) {
		t.Fatalf("taking over: %v", err)
	}
	if _, err := w.line.Join(w.ctx, w.order(w.fan(), 1)); !errors.Is(err, ErrNotReady) {
		t.Fatalf("joining: %v", err)
	}
}
