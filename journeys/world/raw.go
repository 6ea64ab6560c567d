package world

import (
	"database/sql"
	"testing"
)

// Raw is a connection for what no method of the store would do; it is closed with the test.
func Raw(t testing.TB, databaseURL string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("postgres", databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

// Set changes rows as no method of the store would.
func (w *World) Set(statement string, args ...any) {
	w.T.Helper()
	_, err := w.Raw.Exec(statement, args...)
	w.Check(err)
}

// Count reads one number.
func (w *World) Count(query string, args ...any) (n int) {
	w.T.Helper()
	w.Check(w.Raw.QueryRow(query, args...).Scan(&n))
	return n
}

// Check ends the test if something failed that is not what it looks at.
func (w *World) Check(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
