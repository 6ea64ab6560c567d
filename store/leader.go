package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ErrLostLead says that this process must not decide any more: its connection is gone or another generator leads.
// It has to exit; its supervisor starts it again.
var ErrLostLead = errors.New("lost the lead of the line")

// leaderLock is the key of the advisory lock; any number that nobody else uses.
const leaderLock = 0x677569636865 // "guiche"

// leaderPoll is how often a standby tries. Waiting inside Postgres would pin its snapshot and slow the leader down.
const leaderPoll = 100 * time.Millisecond

// Leader is the generator's hold on Postgres: the advisory lock and the one connection through which
// tickets are given out and taken back. It is safe for concurrent use; one transaction runs at a time.
type Leader struct {
	mu    sync.Mutex
	db    *sqlx.DB
	conn  *sqlx.Conn
	epoch int64
	batch int64
}

// Lead waits until this process leads: it gets the lock on a connection of its own and raises the epoch.
// The connection must be direct, not through a pooler.
func Lead(ctx context.Context, databaseURL string) (_ *Leader, err error) {
	defer wrap(&err, "lead the line")
	dsn, err := withParams(databaseURL, map[string]string{
		"application_name":  "guiche generator",
		"statement_timeout": "30s",
	})
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	conn, err := db.Connx(ctx)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	l := &Leader{db: db, conn: conn}
	if err := l.acquire(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func (l *Leader) acquire(ctx context.Context) error {
	poll := time.NewTicker(leaderPoll)
	defer poll.Stop()
	for {
		var got bool
		if err := l.conn.GetContext(ctx, &got, `select pg_try_advisory_lock($1)`, int64(leaderLock)); err != nil {
			return err
		}
		if got {
			return l.conn.GetContext(ctx, &l.epoch, `update generator set epoch = epoch + 1, since = now() returning epoch`)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}

// Epoch numbers the reigns of leaders; a higher one fences every lower one.
func (l *Leader) Epoch() int64 { return l.epoch }

// Close gives the lead up.
func (l *Leader) Close() {
	_ = l.conn.Close() // the lock goes with the session whatever this says
	_ = l.db.Close()
}

// within runs f in one fenced transaction. No context is cancelled on the leader's connection: that would kill
// the connection and the lock with it; statement_timeout bounds it. Only a refusal by Postgres that leaves the
// connection usable comes back as itself; all else is ErrLostLead.
func (l *Leader) within(f func(tx *sqlx.Tx) error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	tx, err := l.conn.BeginTxx(context.Background(), nil)
	if err != nil {
		return errors.Join(ErrLostLead, err)
	}
	err = l.assertEpoch(tx)
	if err == nil {
		err = f(tx)
	}
	if err == nil {
		if err = tx.Commit(); err == nil {
			l.batch++
			return nil
		}
	} else if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
		return errors.Join(ErrLostLead, err, rollback)
	}
	if _, refused := errors.AsType[*pq.Error](err); refused || errors.Is(err, sql.ErrNoRows) || errors.Is(err, ErrLostLead) {
		return err
	}
	return errors.Join(ErrLostLead, err)
}

// assertEpoch holds a share lock on the epoch, so that no newer leader can start before this transaction ends.
func (l *Leader) assertEpoch(tx *sqlx.Tx) error {
	var epoch int64
	if err := tx.Get(&epoch, `select epoch from generator for share`); err != nil {
		return err
	}
	if epoch != l.epoch {
		return fmt.Errorf("%w: epoch %d, ours is %d", ErrLostLead, epoch, l.epoch)
	}
	return nil
}

// Outcome is what one transaction of the generator changed, for telling.
type Outcome struct {
	Epoch, Batch int64 // rising; an older pair never overwrites a newer one
	Orders       []Order
	Counts       []Counts // of the events whose stock may have changed
}

// Counts is what the cache keeps of one event.
type Counts struct {
	EventID int64
	Free    map[int64]int // tickets left, by ticket type
	Issued  int64         // tickets given out, ever
	Last    []int64       // numbers of the last tickets given out, newest first
}

// lastTickets is how many of the newest ticket numbers the cache keeps.
const lastTickets = 10

// counts reads what the cache keeps, inside the transaction that changed it.
func counts(tx *sqlx.Tx, eventIDs []int64) ([]Counts, error) {
	type row struct {
		EventID      int64
		TicketTypeID int64
		Free         int
		LastTicket   int64
	}
	var rows []row
	if err := tx.Select(&rows, `
		select t.event_id, t.id as ticket_type_id, s.capacity - s.taken as free, l.last_ticket
		from ticket_types t join stock s on s.ticket_type_id = t.id join lines l on l.event_id = t.event_id
		where t.event_id = any($1) order by t.event_id`, pq.Int64Array(eventIDs)); err != nil {
		return nil, err
	}
	var all []Counts
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].EventID != r.EventID {
			c := Counts{EventID: r.EventID, Free: map[int64]int{}, Issued: r.LastTicket}
			for n := r.LastTicket; n > 0 && n > r.LastTicket-lastTickets; n-- {
				c.Last = append(c.Last, n)
			}
			all = append(all, c)
		}
		all[len(all)-1].Free[r.TicketTypeID] = r.Free
	}
	return all, nil
}

// Recount reads the counts of every event, to fill the cache anew.
func (l *Leader) Recount() (out Outcome, err error) {
	defer wrap(&err, "recount")
	err = l.within(func(tx *sqlx.Tx) error {
		var ids []int64
		if err := tx.Select(&ids, `select id from events`); err != nil {
			return err
		}
		out.Counts, err = counts(tx, ids)
		return err
	})
	return l.stamped(out), err
}

func (l *Leader) stamped(out Outcome) Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	out.Epoch, out.Batch = l.epoch, l.batch
	return out
}

// Refused says that Postgres will never accept what was tried: a constraint or the data's form is against it,
// or what it speaks of does not exist.
func Refused(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (e.Code.Class() == "22" || e.Code.Class() == "23") || errors.Is(err, ErrNotFound)
}
