package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	migrations "guiche/sql"
)

// Migrate brings the database to the schema of this binary. Processes that call it at the same moment take turns,
// and the later ones find nothing left to do.
func Migrate(ctx context.Context, databaseURL string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("store: migrate: %w", err)
		}
	}()
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// Ask for the lock every second instead of goose's five, for five minutes: whoever waits is a process that wants to start.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
