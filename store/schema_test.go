package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	base "guiche/journeys/world"
	migrations "guiche/sql"
	"guiche/store"
	"guiche/store/local"
)

// emptyDatabase is one that nobody has migrated.
func emptyDatabase(t *testing.T) (string, *sql.DB) {
	t.Helper()
	databaseURL := local.NewDatabase(t)
	raw := base.Raw(t, databaseURL)
	mustExec(t, raw, `drop schema public cascade; create schema public`)
	return databaseURL, raw
}

func mustExec(t *testing.T, raw *sql.DB, statement string) {
	t.Helper()
	if _, err := raw.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// applyFirst applies the first file of a folder as releases did that recorded nothing of its content.
func applyFirst(t *testing.T, raw *sql.DB, folder fs.FS) {
	t.Helper()
	applyUpTo(t, raw, folder, 1)
}

func applyUpTo(t *testing.T, raw *sql.DB, folder fs.FS, version int64) {
	t.Helper()
	provider, err := goose.NewProvider(goose.DialectPostgres, raw, folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
}

// open tries the two ways in which roles come to a database.
func open(t *testing.T, databaseURL string) [2]error {
	t.Helper()
	db, opened := store.Open(t.Context(), databaseURL)
	if opened == nil {
		t.Cleanup(func() { _ = db.Close() })
	}
	leader, led := store.Lead(t.Context(), databaseURL)
	if led == nil {
		leader.Close()
	}
	return [2]error{opened, led}
}

func wantBoth(t *testing.T, got [2]error, want error) {
	t.Helper()
	for i, way := range []string{"Open", "Lead"} {
		if !errors.Is(got[i], want) {
			t.Errorf("%s: %v, want %v", way, got[i], want)
		}
	}
}

// remembered are the versions whose content the database remembers.
func remembered(t *testing.T, raw *sql.DB) (versions string) {
	t.Helper()
	if err := raw.QueryRow(`select coalesce(string_agg(version::text, ' ' order by version), '') from schema_files`).Scan(&versions); err != nil {
		t.Fatal(err)
	}
	return versions
}

func TestRolesWaitForTheirSchema(t *testing.T) {
	t.Parallel()
	databaseURL, raw := emptyDatabase(t)
	wantBoth(t, open(t, databaseURL), store.ErrOlderSchema)
	var together sync.WaitGroup
	for range 3 { // as every machine of a deploy may
		together.Go(func() {
			if err := store.Migrate(t.Context(), databaseURL); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	wantBoth(t, open(t, databaseURL), nil)
	mustExec(t, raw, `delete from schema_files where version = (select max(version) from schema_files)`)
	wantBoth(t, open(t, databaseURL), store.ErrOlderSchema)
}

func TestDatabaseOfTheFirstSchemaIsRecognised(t *testing.T) {
	t.Parallel()
	databaseURL, raw := emptyDatabase(t)
	applyFirst(t, raw, migrations.Migrations)
	found, err := store.Fingerprint(t.Context(), raw)
	if err != nil || found != store.FirstFingerprint {
		t.Fatalf("the first schema's fingerprint is %s, %v, and the binary expects %s", found, err, store.FirstFingerprint)
	}
	// What an extension brings is not ours.
	mustExec(t, raw, `create function theirs() returns int language sql as 'select 1'; alter extension plpgsql add function theirs()`)
	wantBoth(t, open(t, databaseURL), store.ErrOlderSchema)
	if err := store.Migrate(t.Context(), databaseURL); err != nil {
		t.Fatal(err)
	}
	wantBoth(t, open(t, databaseURL), nil)
	if versions := remembered(t, raw); !strings.HasPrefix(versions, "1 2") {
		t.Errorf("remembered are %s", versions)
	}
}

func TestDatabaseOfAnotherFirstSchemaIsRefused(t *testing.T) {
	t.Parallel()
	databaseURL, raw := emptyDatabase(t)
	applyFirst(t, raw, os.DirFS("testdata")) // as it was two edits earlier
	err := store.Migrate(t.Context(), databaseURL)
	if !errors.Is(err, store.ErrOtherSchema) || !strings.Contains(err.Error(), "schema 1 has other content: this database was made by another version") {
		t.Errorf("migrate ends with %v", err)
	}
	wantBoth(t, open(t, databaseURL), store.ErrOlderSchema)
	var recorded sql.NullString
	if err := raw.QueryRow(`select to_regclass('schema_files')`).Scan(&recorded); err != nil || recorded.Valid {
		t.Errorf("the database was changed: %v, %v", recorded, err)
	}
}

func TestNewerReleaseDoesNotStopThisOne(t *testing.T) {
	t.Parallel()
	databaseURL := local.NewDatabase(t)
	raw := base.Raw(t, databaseURL)
	mustExec(t, raw, `insert into schema_files (version, name, sha256) values (9999, '9999_later.sql', repeat('0', 64))`)
	mustExec(t, raw, `insert into goose_db_version (version_id, is_applied) values (9999, true)`)
	wantBoth(t, open(t, databaseURL), nil)
	before := remembered(t, raw)
	if err := store.Migrate(t.Context(), databaseURL); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("migrate ends with %v", err)
	}
	if after := remembered(t, raw); after != before {
		t.Errorf("remembered are %s, and were %s", after, before)
	}

	mustExec(t, raw, `update schema_files set sha256 = repeat('0', 64) where version = 2`)
	wantBoth(t, open(t, databaseURL), store.ErrOtherSchema)
	if err := store.Migrate(t.Context(), databaseURL); !errors.Is(err, store.ErrOtherSchema) {
		t.Errorf("migrate ends with %v", err)
	}
}

// A migration that waits for a lock holds up everybody who comes after it: it gives up soon and tries again.
func TestMigrationDoesNotQueueBehindALongTransaction(t *testing.T) {
	t.Parallel()
	databaseURL, raw := emptyDatabase(t)
	applyFirst(t, raw, migrations.Migrations)
	long, err := raw.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Exec(`create table schema_files (in_the_way int)`); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery += "&lock_timeout=100ms"
	migrated := make(chan error, 1)
	go func() { migrated <- store.Migrate(t.Context(), u.String()) }()
	waiting := func() (n int) {
		if err := raw.QueryRow(`select count(*) from pg_stat_activity
			where application_name = 'guiche migrate' and datname = current_database() and wait_event_type = 'Lock'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	base.Eventually(t, "the migration waits", func() bool { return waiting() > 0 })
	base.Eventually(t, "the migration gives up", func() bool { return waiting() == 0 })
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatal(err)
	}
	wantBoth(t, open(t, databaseURL), nil)
}

// A file without a transaction may have done all of its work and none of the remembering.
func TestMigrationWithoutATransactionBearsBeingRepeated(t *testing.T) {
	t.Parallel()
	databaseURL, raw := emptyDatabase(t)
	applyUpTo(t, raw, migrations.Migrations, 3)
	mustExec(t, raw, `delete from goose_db_version where version_id = 3`)
	mustExec(t, raw, `update pg_index set indisvalid = false where indexrelid = 'admin_log_of_account'::regclass`) // cut short itself
	if err := store.Migrate(t.Context(), databaseURL); err != nil {
		t.Fatal(err)
	}
	wantBoth(t, open(t, databaseURL), nil)
	var half int
	if err := raw.QueryRow(`select (select count(*) from pg_index where not indisvalid) + (select count(*) from pg_constraint where not convalidated)`).Scan(&half); err != nil || half != 0 {
		t.Errorf("%d indexes and constraints are half done, %v", half, err)
	}
}
