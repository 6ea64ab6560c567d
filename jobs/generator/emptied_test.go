package generator_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

func TestAnEmptiedRedisIsToldAnew(t *testing.T) {
	w := world.New(t, 3)
	ended, leads := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- generator.Run(w.Ctx, generator.Config{
			DatabaseURL: w.DatabaseURL, Redis: w.Redis, Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Leading: func() { close(leads) },
		})
	}()
	<-leads
	holds, waits := w.JoinAll(3, 1), w.JoinAll(2, 1)
	for _, o := range holds {
		w.Becomes(o.ID, store.Reserved)
	}
	for _, o := range waits {
		w.Becomes(o.ID, store.Waiting)
	}
	if err := w.Redis.FlushAll(w.Ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Line.Join(w.Ctx, w.Order(w.Fan(), 1)); !errors.Is(err, line.ErrNotReady) {
		t.Fatalf("joining an emptied line: %v", err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, line.ErrEmptied) && !errors.Is(err, line.ErrNotOurs) { // the second if a task was still in hand
			t.Fatalf("the leader ended with %v", err)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the leader did not notice")
	}
	w.Generator()
	for _, o := range append(holds, waits...) { // places are known again
		if open, err := w.Line.Open(w.Ctx, w.Event.ID, o.AccountID); err != nil || open != o.ID {
			t.Errorf("open order: %v, %v", open, err)
		}
	}
	if s, err := w.Line.Snapshot(w.Ctx, w.Event.ID); err != nil || s.Waiting != 2 || s.WaitingTickets[w.Event.Types[0].ID] != 2 || s.InLine() != 0 {
		t.Errorf("snapshot %+v, %v", s, err)
	}
	again := w.JoinAll(1, 1)[0]
	if o := w.Becomes(again.ID, store.Waiting); o.Number <= 5 {
		t.Errorf("number %d may have been given before", o.Number)
	}
	w.GiveUp(holds[0])
	w.Becomes(waits[0].ID, store.Reserved)
	if open, _ := w.Line.Open(w.Ctx, w.Event.ID, holds[0].AccountID); open != uuid.Nil {
		t.Errorf("a place is kept for an order that left: %v", open)
	}
	w.Balanced(0)
}

func TestARedisThatIsEmptiedDuringATakeoverIsNotTakenForOneThatKnows(t *testing.T) {
	w := world.New(t, 3)
	if err := w.Line.Rebuild(w.Ctx, store.Rebuilt{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Redis.FlushAll(w.Ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Line.TakeOver(w.Ctx, 2); !errors.Is(err, line.ErrEmptied) {
		t.Fatalf("taking over: %v", err)
	}
	if _, err := w.Line.Join(w.Ctx, w.Order(w.Fan(), 1)); !errors.Is(err, line.ErrNotReady) {
		t.Fatalf("joining: %v", err)
	}
}
