package store

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
)

// lostNumbers is how far a line jumps when Redis was lost: more orders than ever wait at once, so that no number is
// given twice, although nobody knows which ones the lost orders had.
const lostNumbers = 1_000_000

// Rebuilt is what Redis has to know again of the lines when it has lost everything.
type Rebuilt struct {
	Lines []RebuiltLine
	Open  []OpenOrder
}

// RebuiltLine is where a line goes on.
type RebuiltLine struct{ EventID, LastNumber int64 }

// OpenOrder is an order that holds its account's place for the event.
type OpenOrder struct {
	ID           uuid.UUID
	EventID      int64
	AccountID    int64
	TicketTypeID int64
	Number       int64
	Quantity     int
	Status       OrderStatus
}

// Rebuild reads from the rows what a lost Redis knew. Every line that was ever opened goes on after a gap, which is
// written down: the orders that were still queued are gone, and their numbers with them.
func (l *Leader) Rebuild() (r Rebuilt, err error) {
	defer wrap(&err, "rebuild the lines")
	err = l.within(func(tx *leaderTx) error {
		r = Rebuilt{}
		if err := tx.exec(`insert into lost_numbers (event_id, first, last)
			select event_id, last_number + 1, last_number + $1 from lines where opened`, lostNumbers); err != nil {
			return err
		}
		if err := tx.all(&r.Lines, `
			update lines set last_number = last_number + case when opened then $1::bigint else 0 end
			returning event_id, last_number`, lostNumbers); err != nil {
			return err
		}
		return tx.all(&r.Open, `select id, event_id, account_id, ticket_type_id, number, quantity, status from orders
			where status in ('queued', 'waiting', 'reserved') order by number`)
	})
	return r, err
}

// open notes that fans may join the lines of events from now on.
func (t *leaderTx) open(typeIDs pq.Int64Array) error {
	return t.exec(`update lines set opened = true where not opened
		and event_id in (select event_id from ticket_types where id = any($1))`, typeIDs)
}
