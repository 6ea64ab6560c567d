package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/store"
	"guiche/views"
	"guiche/web"
)

// seedTime is how long filling an empty shop may take.
const seedTime = time.Minute

// seed fills an empty shop with demo accounts and events. Capacities and the sold-out event's orders go through the
// real line and a generator of its own, which ends with it.
func seed(ctx context.Context, a *app) error {
	ctx, cancel := context.WithTimeout(ctx, seedTime)
	defer cancel()
	db, rdb, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer rdb.Close()
	if events, err := db.AllEvents(ctx); err != nil || len(events) > 0 {
		return err
	}
	for _, d := range []demoAccount{demoAdmin, demoFan} {
		if err := createDemoAccount(ctx, db, d); err != nil {
			return err
		}
	}
	return withGenerator(ctx, a, rdb, func() error {
		for _, e := range demoEvents(time.Now()) {
			e, err := CreateDemoEvent(ctx, db, jobs.NewNudges(rdb), e)
			if err != nil {
				return err
			}
			if e.Slug == demoSoldOut {
				err = sellOut(ctx, db, line.New(rdb), e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func createDemoAccount(ctx context.Context, db *store.Store, d demoAccount) error {
	hash, err := web.HashPassword(d.password)
	if err != nil {
		return err
	}
	_, err = db.CreateAccount(ctx, store.Account{
		Role: d.role, Name: d.name, Email: d.email, CPF: d.cpf, PasswordHash: hash, Language: views.Portuguese,
		ConfirmedAt: time.Now(),
	})
	if errors.Is(err, store.ErrEmailTaken) {
		return nil // a start that was cut short
	}
	return err
}

// withGenerator runs do beside a generator.
func withGenerator(ctx context.Context, a *app, rdb *redis.Client, do func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- generator.Run(ctx, generator.Config{
			DatabaseURL: a.DatabaseURL, Redis: rdb, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		})
	}()
	err := do()
	stop()
	return errors.Join(err, <-ended)
}

// CreateDemoEvent publishes an event once the generator has set the capacities of its types.
func CreateDemoEvent(ctx context.Context, db *store.Store, nudges *jobs.Nudges, demo store.Event) (store.Event, error) {
	demo.TimeZone, demo.Currency, demo.HoldSeconds = demoZone, "BRL", cmp.Or(demo.HoldSeconds, 600)
	demo.HoldExtras = cmp.Or(demo.HoldExtras, store.DefaultHoldExtras)
	e, err := db.CreateEvent(ctx, 0, demo)
	if err != nil {
		return e, err
	}
	for i, t := range demo.Types {
		t.EventID, t.Position = e.ID, i+1
		_, change, err := db.CreateTicketType(ctx, 0, t)
		if err != nil {
			return e, err
		}
		if err := nudges.SetCapacity(ctx, change); err != nil {
			return e, err
		}
	}
	if err := db.PublishEvent(ctx, 0, e.ID); err != nil {
		return e, err
	}
	err = until(ctx, func() (bool, error) {
		e, err = db.Event(ctx, e.ID)
		for _, t := range e.Types {
			if t.Capacity == 0 {
				return false, err
			}
		}
		return true, err
	})
	return e, err
}

// sellOut lets demo people take every ticket of a free event.
func sellOut(ctx context.Context, db *store.Store, line *line.Line, e store.Event) error {
	hash, err := web.HashPassword(rand.Text()) // nobody signs in as one of them
	if err != nil {
		return err
	}
	t := e.Types[0]
	var last uuid.UUID
	for i := range t.Capacity / e.PerPerson {
		fan, err := db.CreateAccount(ctx, store.Account{
			Role: store.Fan, Name: fmt.Sprintf("Pessoa %d", i+1), Email: fmt.Sprintf("pessoa-%d@guiche.test", i+1),
			PasswordHash: hash, Language: views.Portuguese, ConfirmedAt: time.Now(),
		})
		if err != nil {
			return err
		}
		last = store.NewID()
		if _, err := line.Join(ctx, store.QueuedOrder{
			ID: last, EventID: e.ID, TicketTypeID: t.ID, AccountID: fan.ID, Quantity: e.PerPerson, PerPerson: e.PerPerson,
			Currency: e.Currency, HoldSeconds: e.HoldSeconds, RefundPolicy: e.RefundPolicy, AcceptedAt: time.Now(),
		}); err != nil {
			return err
		}
	}
	return until(ctx, func() (bool, error) {
		_, err := db.Order(ctx, last)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		return true, err
	})
}
