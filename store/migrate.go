package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	migrations "guiche/sql"
)

const (
	// migrateLockTimeout is how long a migration waits for a lock: whoever wants the same table queues behind it.
	migrateLockTimeout = "2s"
	// migratePause lets the others go first before the same step is tried again.
	migratePause = 2 * time.Second
	// migrateTries is how often one step is tried: a long transaction has minutes to end.
	migrateTries = 60
)

// Migrate brings the database to the schema of this binary. Processes that call it at the same moment take turns,
// and the later ones find nothing left to do. ErrNewerSchema if a newer release was here, which changes nothing;
// ErrOtherSchema if the database is not what this binary's own files would have made.
func Migrate(ctx context.Context, databaseURL string) (err error) {
	defer wrap(&err, "store: migrate")
	dsn, err := withParams(databaseURL, map[string]string{"application_name": "guiche migrate", "lock_timeout": migrateLockTimeout})
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	// Ask for the lock every second instead of goose's five, for five minutes: whoever waits is a process that wants to start.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives the lock back too, if nothing else does
	if err := locker.SessionLock(ctx, conn); err != nil {
		return err
	}
	return errors.Join(migrateAlone(ctx, db), locker.SessionUnlock(context.WithoutCancel(ctx), conn))
}

// migrateAlone applies what is missing, one step after the other, while nobody else does.
func migrateAlone(ctx context.Context, db *sql.DB) error {
	if err := mayMigrate(ctx, db); err != nil {
		return err
	}
	files, err := migrations.Files()
	if err != nil {
		return err
	}
	store, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectCustom, db, migrations.Migrations, goose.WithStore(recorder{store, files}))
	if err != nil {
		return err
	}
	for tries := 1; ; tries++ {
		_, err := provider.UpByOne(ctx)
		switch refusal, _ := errors.AsType[*pq.Error](err); {
		case err == nil:
			tries = 0
		case errors.Is(err, goose.ErrNoNextVersion):
			return nil
		case refusal == nil || refusal.Code.Name() != "lock_not_available":
			return err
		case tries == migrateTries:
			return fmt.Errorf("somebody else's transaction holds what this has to change, after %d tries: %w", tries, err)
		default:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(migratePause):
			}
		}
	}
}

// recorder is goose's own list of what was applied, and writes what each file said beside it: in the same transaction,
// and where a file has none, before it, so that a step that was cut short is repeated.
type recorder struct {
	database.Store
	files []migrations.File
}

func (r recorder) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	for _, f := range r.files {
		if req.Version < firstRecorded || f.Version > req.Version {
			break
		}
		if _, err := db.ExecContext(ctx, `insert into schema_files (version, name, sha256) values ($1, $2, $3) on conflict do nothing`,
			f.Version, f.Name, f.SHA256); err != nil {
			return err
		}
	}
	return r.Store.Insert(ctx, db, req)
}
