package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ErrLostLead says that this process must not decide any more: its connection is gone or another generator leads.
// It has to exit; its supervisor starts it again.
var ErrLostLead = errors.New("lost the lead of the line")

// leaderLock is the key of the advisory lock: any number, as long as nobody else uses it.
const leaderLock = 0x677569636865 // "guiche"

// leaderPoll is how often a standby tries to get the lock. Waiting for it inside Postgres would hold a snapshot back,
// which slows the leader down.
const leaderPoll = 100 * time.Millisecond

// Leader is the generator's hold on Postgres: the advisory lock and the one connection through which
// tickets are given out and taken back. It is safe for concurrent use; one transaction runs at a time.
type Leader struct {
	mu    sync.Mutex
	db    *sqlx.DB
	conn  *sqlx.Conn
	epoch int64
	batch int64
	ready map[string]*sqlx.Stmt // prepared statements by their text
	close sync.Once
	stop  chan struct{} // closed by Close: no more heartbeats
	ended chan struct{} // closed when the heartbeat has ended
	lost  chan struct{} // closed when the heartbeat finds the connection gone
	alive func()        // called with each sign that Postgres answers
}

// Lead waits until this process leads: it gets the lock on a connection of its own and raises the epoch.
// The connection must be direct, not through a pooler. The schema is checked first: see Store.CheckSchema. Each of alive is
// called whenever Postgres answers, while this process stands by and while it leads.
func Lead(ctx context.Context, databaseURL string, alive ...func()) (_ *Leader, err error) {
	defer wrap(&err, "lead the line")
	db, conn, err := connectLeader(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	l := &Leader{db: db, conn: conn, ready: map[string]*sqlx.Stmt{}, stop: make(chan struct{}), ended: make(chan struct{}), lost: make(chan struct{})}
	l.alive = func() {
		for _, call := range alive {
			call()
		}
	}
	if err = checkSchema(ctx, conn); err == nil {
		err = l.acquire(ctx)
	}
	if err != nil {
		_ = conn.Close() // the first error matters
		_ = db.Close()
		return nil, err
	}
	go l.beat()
	return l, nil
}

// acquire polls for the lock, and ends the session of a leader that hangs.
func (l *Leader) acquire(ctx context.Context) error {
	poll := time.NewTicker(leaderPoll)
	defer poll.Stop()
	for n := 1; ; n++ {
		var got bool
		if err := l.conn.GetContext(ctx, &got, `select pg_try_advisory_lock($1)`, int64(leaderLock)); err != nil {
			return err
		}
		l.alive()
		if got {
			return l.reign(ctx)
		}
		if n%leaderStuckPolls == 0 {
			if _, err := l.conn.ExecContext(ctx, endStuckLeader, leaderLock>>32, leaderLock&0xffffffff); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}

// leaderStuckPolls is how many polls lie between two searches for a stuck leader: a second's worth.
const leaderStuckPolls = int(time.Second / leaderPoll)

// endStuckLeader ends the session of a leader that has been silent for longer than its idle timeouts allow while the
// server waits for it: the timeouts do not fire while the server is blocked in sending. A living leader sends a heartbeat.
const endStuckLeader = `
	select pg_terminate_backend(a.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid
	where l.locktype = 'advisory' and l.granted and l.classid::bigint = $1 and l.objid::bigint = $2
		and a.datname = current_database() and a.wait_event_type = 'Client'
		and a.state_change < clock_timestamp() - interval '7 seconds'`

// reign checks that the session has our settings, and raises the epoch.
func (l *Leader) reign(ctx context.Context) error {
	var idle string
	if err := l.conn.GetContext(ctx, &idle, `select current_setting('idle_session_timeout')`); err != nil {
		return err
	}
	if idle != leaderIdle {
		return errors.New("the session's settings are not ours: DATABASE_URL has to be a direct connection, not a pooler's")
	}
	return l.conn.GetContext(ctx, &l.epoch, `update generator set epoch = epoch + 1, since = now() returning epoch`)
}

// RaiseEpoch makes this reign newer than any that Redis has seen. Postgres knows of none that came after it if it has gone
// back in time.
func (l *Leader) RaiseEpoch(above int64) (err error) {
	defer wrap(&err, "raise the epoch above %d", above)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn.GetContext(context.Background(), &l.epoch,
		`update generator set epoch = $1::bigint + 1, since = now() where epoch = $2 and epoch <= $1 returning epoch`, above, l.epoch)
}

// beat is the heartbeat: it keeps the server from ending the session of a living leader, and notices that the lead is lost.
func (l *Leader) beat() {
	defer close(l.ended)
	tick := time.NewTicker(leaderBeat)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		if l.isLost() {
			close(l.lost)
			return
		}
	}
}

// isLost says that the connection is gone, or leads to a server that takes no writes any more: an idle leader would learn it
// only from the next order.
func (l *Leader) isLost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var readOnly bool
	err := l.conn.GetContext(context.Background(), &readOnly, `select current_setting('transaction_read_only')::bool`)
	if err != nil || readOnly {
		return true
	}
	l.alive()
	return false
}

// Lost is closed when the leader's connection, and the lock with it, is gone.
func (l *Leader) Lost() <-chan struct{} { return l.lost }

// Epoch numbers the reigns of leaders; a higher one fences every lower one.
func (l *Leader) Epoch() int64 { return l.epoch }

// Close gives the lead up.
func (l *Leader) Close() {
	l.close.Do(func() {
		close(l.stop)
		<-l.ended
		_ = l.conn.Close() // the session's lock is released in any case
		_ = l.db.Close()
	})
}

// Outcome is what one transaction of the generator changed, to be published.
type Outcome struct {
	Epoch, Batch int64 // rising; an older pair never overwrites a newer one
	Orders       []Order
	Counts       []Counts       // of the events whose stock may have changed
	Parked       map[int64]bool // events whose orders were parked
	More         []int64        // types of which more waiting orders are to be told "sold out"
	Refunds      []uuid.UUID    // that are owed since money came too late
}

// Counts is what the cache keeps of one event.
type Counts struct {
	EventID int64
	Free    map[int64]int // tickets left, by ticket type, where that may have changed
	Issued  int64         // tickets ever given out
	Last    []int64       // numbers of the last tickets given out, newest first
}

// lastTickets is how many of the newest ticket numbers the cache keeps.
const lastTickets = 10

// counts reads what the cache keeps, inside the transaction that changed it.
func counts(tx *leaderTx, eventIDs []int64) ([]Counts, error) {
	type row struct {
		EventID      int64
		TicketTypeID int64
		Free         int
		LastTicket   int64
	}
	var rows []row
	if err := tx.all(&rows, `
		select t.event_id, t.id as ticket_type_id, s.capacity - s.taken as free, l.last_ticket
		from ticket_types t join stock s on s.ticket_type_id = t.id join lines l on l.event_id = t.event_id
		where t.event_id = any($1) order by t.event_id`, pq.Int64Array(eventIDs)); err != nil {
		return nil, err
	}
	var all []Counts
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].EventID != r.EventID {
			all = append(all, Counts{EventID: r.EventID, Free: map[int64]int{}, Issued: r.LastTicket, Last: newest(r.LastTicket)})
		}
		all[len(all)-1].Free[r.TicketTypeID] = r.Free
	}
	return all, nil
}

// newest are the last ticket numbers given out, newest first.
func newest(last int64) (numbers []int64) {
	for n := last; n > 0 && n > last-lastTickets; n-- {
		numbers = append(numbers, n)
	}
	return numbers
}

// Recount reads the counts of every event, to fill the cache anew.
func (l *Leader) Recount() (out Outcome, err error) {
	defer wrap(&err, "recount")
	err = l.within(func(tx *leaderTx) error {
		var ids []int64
		if err := tx.all(&ids, `select id from events`); err != nil {
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

// NumberTaken says that an order's number in line is another one's already.
func NumberTaken(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Constraint == "orders_number_once"
}

// Refused says that Postgres will never accept what was tried: it breaks a constraint, is malformed, or names what does
// not exist.
func Refused(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (e.Code.Class() == "22" || e.Code.Class() == "23") || errors.Is(err, ErrNotFound)
}
