package local

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	migrations "guiche/sql"
	"guiche/store"
)

// NewDatabase returns the URL of a migrated, empty database that only this test knows and that is gone after it. All tests
// of a process share one Postgres, which ends with the process; it does not sync, so it is no measure of speed.
func NewDatabase(tb TB) string {
	tb.Helper()
	p, err := testPostgres()
	if err != nil {
		tb.Fatalf("a Postgres for the test: %v", err)
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	if err := p.execute("create database " + name + " template " + p.template + p.strategy); err != nil {
		tb.Fatalf("a database for the test: %v", err)
	}
	tb.Cleanup(func() {
		if err := p.execute("drop database " + name + " with (force)"); err != nil {
			tb.Fatalf("drop the database of the test: %v", err)
		}
	})
	return p.database(name)
}

var databases atomic.Int64

// postgres is the server of this test process, with a migrated database to copy.
type postgres struct {
	url      string
	template string
	strategy string // how a template is copied
}

var testPostgres = sync.OnceValues(func() (*postgres, error) {
	slot, err := testSlot()
	if err != nil {
		return nil, err
	}
	place, err := slot.inMemory()
	if err != nil {
		return nil, err
	}
	options := PostgresOptions{Folder: filepath.Join(place, "postgres"), NoSync: true, MaxConnections: 400}
	s, err := StartPostgres(context.Background(), options)
	if missing := (*MissingError)(nil); err != nil && !errors.As(err, &missing) {
		// A power cut breaks what was not synced, and another version of PostgreSQL cannot read it: make a new one.
		if err := os.RemoveAll(options.Folder); err != nil {
			return nil, err
		}
		s, err = StartPostgres(context.Background(), options)
	}
	if err != nil {
		return nil, err
	}
	p := &postgres{url: s.URL}
	return p, errors.Join(p.dropOld(), p.chooseStrategy(), p.makeTemplate())
})

// makeTemplate migrates a database, unless an earlier run has left one of the same migrations.
func (p *postgres) makeTemplate() error {
	hash := sha256.New()
	err := fs.WalkDir(migrations.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.Migrations, path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		return err
	}
	p.template = fmt.Sprintf("template_%x", hash.Sum(nil)[:8])
	names, err := p.names("datname = $1 and datistemplate", p.template)
	if err != nil || len(names) > 0 {
		return err
	}
	if err := p.dropTemplates(); err != nil {
		return err
	}
	if err := p.execute("create database " + p.template); err != nil {
		return err
	}
	if err := store.Migrate(context.Background(), p.database(p.template)); err != nil {
		return err
	}
	// The mark that it is whole.
	return p.execute("alter database " + p.template + " is_template true")
}

// chooseStrategy has files copied as they are: the log, by which Postgres 15 and later copy, takes four times as long.
func (p *postgres) chooseStrategy() error {
	return p.connect(func(db *sql.DB) error {
		return db.QueryRow("select case when current_setting('server_version_num')::int >= 150000 then ' strategy file_copy' else '' end").Scan(&p.strategy)
	})
}

// dropOld drops the databases of tests that were killed.
func (p *postgres) dropOld() error { return p.drop(`test\_%`) }

// dropTemplates drops those of other migrations.
func (p *postgres) dropTemplates() error {
	if err := p.execute("update pg_database set datistemplate = false where datname like 'template\\_%'"); err != nil {
		return err
	}
	return p.drop(`template\_%`)
}

// drop drops databases by a pattern of their names.
func (p *postgres) drop(pattern string) error {
	names, err := p.names("datname like $1", pattern)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := p.execute("drop database " + name + " with (force)"); err != nil {
			return err
		}
	}
	return nil
}

// execute runs one statement on a connection of its own, so that none is left behind when a test looks for leaks.
func (p *postgres) execute(statement string) error {
	return p.connect(func(db *sql.DB) error {
		_, err := db.Exec(statement)
		return err
	})
}

// names lists the databases that fulfil the condition.
func (p *postgres) names(condition string, arg any) (names []string, err error) {
	err = p.connect(func(db *sql.DB) error {
		rows, err := db.Query("select datname from pg_database where "+condition, arg)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		return rows.Err()
	})
	return names, err
}

func (p *postgres) connect(use func(*sql.DB) error) error {
	db, err := sql.Open("postgres", p.database("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(use(db), db.Close())
}

// database is the URL of another database of the server.
func (p *postgres) database(name string) string {
	u, err := url.Parse(p.url)
	if err != nil {
		panic(err) // it is made by postgresURL
	}
	u.Path = "/" + name
	return u.String()
}
