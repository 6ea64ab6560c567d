package store_test

import (
	"testing"

	"guiche/store"
	"guiche/store/local"
)

// TestAConnectionThatOnlyHearsNoIsLeft turns the one connection of a pool read-only, as a server does that is demoted and
// stays: the next use is served by a new one.
func TestAConnectionThatOnlyHearsNoIsLeft(t *testing.T) {
	s, err := store.Open(t.Context(), local.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.DB().SetMaxOpenConns(1)
	try := func() error {
		_, err := s.DB().ExecContext(t.Context(), `update events set paused = paused`)
		return err
	}
	for _, no := range []string{
		`set session characteristics as transaction read only`,
		`do $$ begin raise exception 'full' using errcode = '53100'; end $$`,
		`do $$ begin raise exception 'not yours' using errcode = '42501'; end $$`,
	} {
		var before, after int
		if err := s.DB().GetContext(t.Context(), &before, `select pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
		_, err := s.DB().ExecContext(t.Context(), no)
		if err == nil {
			err = try()
		}
		if !store.Away(err) {
			t.Errorf("%s: %v is not taken for a server that is away", no, err)
		}
		if err := try(); err != nil {
			t.Errorf("after %s: %v", no, err)
		}
		if err := s.DB().GetContext(t.Context(), &after, `select pg_backend_pid()`); err != nil || after == before {
			t.Errorf("after %s the connection is kept (%v)", no, err)
		}
	}
	if _, err := s.DB().ExecContext(t.Context(), `select 1/0`); store.Away(err) {
		t.Error("a fault of ours is taken for a server that is away")
	}
}
