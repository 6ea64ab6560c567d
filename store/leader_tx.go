package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// leaderTx is a fenced transaction on the leader's connection. Its statements are prepared once and stay so, while
// database/sql closes those of its own transactions each time.
type leaderTx struct {
	l   *Leader
	now time.Time // the database's clock when the transaction began
}

// within runs f in one fenced transaction. No context may be cancelled on the leader's connection, since that would kill
// it, and the lock with it; statement_timeout bounds a statement instead. Only an error from Postgres that leaves the
// connection usable is returned as it is; anything else is ErrLostLead, a server that takes no writes any more included.
func (l *Leader) within(f func(tx *leaderTx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	tx := &leaderTx{l: l}
	if err := tx.exec(`begin`); err != nil {
		return errors.Join(ErrLostLead, err)
	}
	err := tx.assertEpoch()
	if err == nil {
		err = f(tx)
	}
	if err == nil {
		if err = tx.exec(`commit`); err == nil {
			l.batch++
			return nil
		}
		return errors.Join(ErrLostLead, err) // it may have been committed: the next leader will see
	}
	if rollback := tx.exec(`rollback`); rollback != nil {
		return errors.Join(ErrLostLead, err, rollback)
	}
	refusal, refused := errors.AsType[*pq.Error](err)
	if refused && !onlyNewConnectionCures(refusal) || errors.Is(err, sql.ErrNoRows) || errors.Is(err, ErrLostLead) {
		return err
	}
	return errors.Join(ErrLostLead, err)
}

// assertEpoch checks the epoch and keeps a share lock on it, so that no newer leader can start before this transaction ends.
func (t *leaderTx) assertEpoch() error {
	var reign struct {
		Epoch int64
		Now   time.Time
	}
	if err := t.one(&reign, `select epoch, now() as now from generator for share`); err != nil {
		return err
	}
	if reign.Epoch != t.l.epoch {
		return fmt.Errorf("%w: epoch %d, ours is %d", ErrLostLead, reign.Epoch, t.l.epoch)
	}
	t.now = reign.Now
	t.l.alive()
	return nil
}

// one reads one row.
func (t *leaderTx) one(dest any, query string, args ...any) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	return s.Get(dest, args...)
}

// all reads every row.
func (t *leaderTx) all(dest any, query string, args ...any) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	return s.Select(dest, args...)
}

// exec runs a statement for what it does.
func (t *leaderTx) exec(query string, args ...any) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	_, err = s.Exec(args...)
	return err
}

func (t *leaderTx) prepare(query string) (*sqlx.Stmt, error) {
	if s := t.l.ready[query]; s != nil {
		return s, nil
	}
	s, err := t.l.conn.PreparexContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	s.Mapper = t.l.conn.Mapper // sqlx forgets it
	t.l.ready[query] = s
	return s, nil
}
