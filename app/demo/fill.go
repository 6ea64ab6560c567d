package demo

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

// fillTime is how long filling an empty shop may take.
const fillTime = time.Minute

// Fill puts demo accounts and events into a shop that has no event. Capacities and the sold-out event's orders go through the
// real line and a generator of its own, which ends with it.
func Fill(ctx context.Context, db *store.Store, rdb *redis.Client, databaseURL string) error {
	ctx, cancel := context.WithTimeout(ctx, fillTime)
	defer cancel()
	if there, err := db.AllEvents(ctx); err != nil || len(there) > 0 {
		return err
	}
	for _, a := range []Account{Admin, Fan} {
		if err := createAccount(ctx, db, a); err != nil {
			return err
		}
	}
	return withGenerator(ctx, databaseURL, rdb, func() error {
		for _, e := range events(time.Now()) {
			e, err := CreateEvent(ctx, db, jobs.NewNudges(rdb), e)
			if err != nil {
				return err
			}
			if e.Slug == soldOut {
				err = sellOut(ctx, db, line.New(rdb), e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func createAccount(ctx context.Context, db *store.Store, a Account) error {
	hash, err := web.HashPassword(a.Password)
	if err != nil {
		return err
	}
	_, err = db.CreateAccount(ctx, store.Account{
		Role: a.Role, Name: a.Name, Email: a.Email, CPF: a.CPF, PasswordHash: hash, Language: views.Portuguese,
		ConfirmedAt: time.Now(),
	})
	if errors.Is(err, store.ErrEmailTaken) {
		return nil // a start that was cut short
	}
	return err
}

// withGenerator runs do beside a generator.
func withGenerator(ctx context.Context, databaseURL string, rdb *redis.Client, do func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- generator.Run(ctx, generator.Config{
			DatabaseURL: databaseURL, Redis: rdb, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		})
	}()
	err := do()
	stop()
	return errors.Join(err, <-ended)
}

// CreateEvent publishes an event once the generator has set the capacities of its types.
func CreateEvent(ctx context.Context, db *store.Store, nudges *jobs.Nudges, wanted store.Event) (store.Event, error) {
	wanted.TimeZone, wanted.Currency, wanted.HoldSeconds = timeZone, "BRL", cmp.Or(wanted.HoldSeconds, 600)
	wanted.HoldExtras = cmp.Or(wanted.HoldExtras, store.DefaultHoldExtras)
	e, err := db.CreateEvent(ctx, 0, wanted)
	if err != nil {
		return e, err
	}
	for i, t := range wanted.Types {
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
