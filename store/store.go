// Package store keeps what is true, in Postgres.
//
// One exported method is one use case and one transaction, with its SQL in sight. Only a Leader gives out or takes back
// tickets. Time is the database's clock unless a caller passes it.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Errors that callers tell apart. Everything else is an internal error.
var (
	ErrNotFound   = errors.New("not found")
	ErrEmailTaken = errors.New("e-mail taken")
	ErrCPFTaken   = errors.New("CPF taken")
	ErrSlugTaken  = errors.New("slug taken")
	ErrNameTaken  = errors.New("name taken")
	ErrSaleWindow = errors.New("the sale ends before it starts")
	// ErrState says that the state does not allow what was asked.
	ErrState = errors.New("not possible in this state")
)

// Store is the handle on Postgres for the web and worker roles.
type Store struct {
	db      *sqlx.DB
	checked atomic.Pointer[time.Time] // when the schema was last found to be right
}

// Open connects to Postgres at a postgres:// URL. Its sessions have short lock and idle-in-transaction timeouts,
// so that a stuck page cannot stop the line. The connection is tried at once, and the schema checked: see CheckSchema.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	dsn, err := withParams(databaseURL, map[string]string{
		"application_name":                    "guiche",
		"lock_timeout":                        "5s",
		"statement_timeout":                   "20s",
		"idle_in_transaction_session_timeout": "10s",
		targetServer:                          writable,
	})
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(10)
	db.SetConnMaxLifetime(connectionLife)
	s := &Store{db: db}
	if err := s.CheckSchema(ctx); err != nil {
		_ = db.Close() // the first error matters
		return nil, err
	}
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() error { return s.db.Close() }

// CheckWritable tells whether Postgres answers and takes writes.
func (s *Store) CheckWritable(ctx context.Context) (err error) {
	defer wrap(&err, "check postgres")
	var readOnly bool
	if err := s.db.GetContext(ctx, &readOnly, `select current_setting('transaction_read_only')::bool`); err != nil {
		return err
	}
	if readOnly {
		return errors.New("it takes no writes")
	}
	return nil
}

// Now is the database's clock, by which deadlines are judged.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	defer wrap(&err, "now")
	err = s.db.GetContext(ctx, &now, `select now()`)
	return now, err
}

const (
	// connectionLife is how long a connection is used: a server that was replaced, and still answers, is left by then.
	connectionLife = time.Minute
	// targetServer and writable make a connection fail that leads to a server that takes no writes.
	targetServer = "target_session_attrs"
	writable     = "read-write"
)

func connect(ctx context.Context, dsn string) (*sqlx.DB, error) {
	to, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sqlx.NewDb(sql.OpenDB(connector{to}), "postgres")
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // the first error matters
		return nil, err
	}
	db.MapperFunc(columnName)
	return db, nil
}

// errDatabaseURL shows no part of the setting, which holds a password.
var errDatabaseURL = errors.New("DATABASE_URL is not a URL such as postgres://user:password@db.example:5432/guiche; " +
	"what is neither letter nor digit in the password is written as % and its two hex digits")

// ParseURL reads the setting DATABASE_URL.
func ParseURL(databaseURL string) (*url.URL, error) {
	u, err := url.Parse(databaseURL)
	// A password that is not encoded may end its URL early: its rest would then be taken for the database's name, and its
	// beginning for the server's port.
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Opaque != "" ||
		u.Fragment != "" || strings.Contains(u.EscapedPath()+u.RawQuery, "@") {
		return nil, errDatabaseURL
	}
	return u, nil
}

// withParams adds session settings to a postgres:// URL, but overrides none of its own.
func withParams(databaseURL string, params map[string]string) (string, error) {
	u, err := ParseURL(databaseURL)
	if err != nil {
		return "", err
	}
	query := u.Query()
	for name, value := range params {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// columnName turns a field's name into its column's: EventID → event_id, PayURL → pay_url.
func columnName(field string) string {
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 &&
			(unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// wrap names the use case in an error, and makes "no rows" our own ErrNotFound; it is deferred once per method.
func wrap(err *error, format string, args ...any) {
	if *err == nil {
		return
	}
	if errors.Is(*err, sql.ErrNoRows) {
		*err = ErrNotFound
		return
	}
	*err = fmt.Errorf(format+": %w", append(args, *err)...)
}

// within runs f in one transaction.
func (s *Store) within(ctx context.Context, f func(tx *sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // the first error matters
		return err
	}
	return tx.Commit()
}

// constraint is the name of the constraint that refused a statement, or empty.
func constraint(err error) string {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Constraint
	}
	return ""
}
