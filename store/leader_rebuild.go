package store

import (
	"github.com/google/uuid"
	"github.com/lib/pq"
)

// lostNumbers is how far a line jumps after Redis was lost: more than the orders that are ever in line at once, so that no
// number is given twice although nobody knows the numbers of the lost orders.
const lostNumbers = 1_000_000

// Rebuilt is what Redis has to be told of the lines after it has lost everything.
type Rebuilt struct {
	Lines []RebuiltLine
	Open  []OpenOrder
}

// RebuiltLine is where a line goes on.
type RebuiltLine struct{ EventID, LastNumber int64 }

// OpenOrder is an order that keeps its account's place for the event.
type OpenOrder struct {
	ID           uuid.UUID
	EventID      int64
	AccountID    int64
	TicketTypeID int64
	Number       int64
	Quantity     int
	Status       OrderStatus
}

// loseNumbers writes down every number without an order, from the last one whose turn came up to the last that may have
// been given. Orders that left before their turn have rows in between. $1 is lostNumbers.
const loseNumbers = `
	insert into lost_numbers (event_id, first, last)
	select event_id, before + 1, first - 1
	from (
		select l.event_id, n.first, lag(n.number, 1, t.turn) over (partition by l.event_id order by n.number) as before
		from lines l
		cross join lateral (select coalesce((select number from orders where event_id = l.event_id
			and not (status = 'left' and reserved_until is null) order by number desc limit 1), 0) as turn) t
		cross join lateral (
			select number as first, number from orders where event_id = l.event_id and number > t.turn
			union all select first, last from lost_numbers where event_id = l.event_id and last > t.turn
			union all select l.last_number + $1 + 1, l.last_number + $1 + 1) n
		where l.opened) n
	where first > before + 1`

// Lines lists how far the lines have come.
func (l *Leader) Lines() (lines []RebuiltLine, err error) {
	defer wrap(&err, "read the lines")
	err = l.within(func(tx *leaderTx) error {
		lines = nil
		return tx.all(&lines, `select event_id, last_number from lines`)
	})
	return lines, err
}

// Undecided tells which of some orders have no row yet: ids are those of accounts that exist, lost those of others.
func (l *Leader) Undecided(orders []QueuedOrder) (ids map[uuid.UUID]bool, lost []uuid.UUID, err error) {
	defer wrap(&err, "which of %d orders have no row", len(orders))
	all, accounts := make([]uuid.UUID, len(orders)), make(pq.Int64Array, len(orders))
	for i, o := range orders {
		all[i], accounts[i] = o.ID, o.AccountID
	}
	err = l.within(func(tx *leaderTx) error {
		var rows []struct {
			ID      uuid.UUID
			Account bool
		}
		if err := tx.all(&rows, `
			select q.id, exists (select from accounts where id = q.account_id) as account
			from unnest($1::uuid[], $2::bigint[]) as q(id, account_id)
			where not exists (select from orders where id = q.id)`, uuidArray(all), accounts); err != nil {
			return err
		}
		ids, lost = make(map[uuid.UUID]bool, len(rows)), nil
		for _, r := range rows {
			if r.Account {
				ids[r.ID] = true
			} else {
				lost = append(lost, r.ID)
			}
		}
		return nil
	})
	return ids, lost, err
}

// Rebuild reads from the rows what Redis should know, if it does not, or knows another past. Each line that was ever opened
// goes on after a gap, which is written down: the orders that were still in line may be gone, and their numbers with them.
// Numbers that Redis has given are passed too; joined are the last ones, by event.
func (l *Leader) Rebuild(joined map[int64]int64) (r Rebuilt, err error) {
	defer wrap(&err, "rebuild the lines")
	var events, numbers pq.Int64Array
	for event, number := range joined {
		events, numbers = append(events, event), append(numbers, number)
	}
	err = l.within(func(tx *leaderTx) error {
		r = Rebuilt{}
		if err := tx.exec(`update lines set opened = true, last_number = greatest(last_number, j.number)
			from unnest($1::bigint[], $2::bigint[]) as j(event_id, number)
			where lines.event_id = j.event_id and j.number > 0`, events, numbers); err != nil {
			return err
		}
		if err := tx.exec(loseNumbers, lostNumbers); err != nil {
			return err
		}
		if err := tx.all(&r.Lines, `
			update lines set last_number = last_number + case when opened then $1::bigint else 0 end
			returning event_id, last_number`, lostNumbers); err != nil {
			return err
		}
		return tx.all(&r.Open, `select id, event_id, account_id, ticket_type_id, number, quantity, status from orders
			where `+orderIsOpen+` order by number`)
	})
	return r, err
}

// givenAgain writes down numbers that were given to orders which already had one: a Redis that had forgotten them took a
// repeated form for a new order.
func (t *leaderTx) givenAgain(orders []QueuedOrder, decided []Order) error {
	if len(decided) == 0 {
		return nil
	}
	number := make(map[uuid.UUID]int64, len(decided))
	for _, o := range decided {
		number[o.ID] = o.Number
	}
	var events, numbers pq.Int64Array
	for _, o := range orders {
		if n, found := number[o.ID]; found && n != o.Number {
			events, numbers = append(events, o.EventID), append(numbers, o.Number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	return t.exec(`insert into lost_numbers (event_id, first, last)
		select event_id, number, number from unnest($1::bigint[], $2::bigint[]) as n(event_id, number)
		on conflict do nothing`, events, numbers)
}

// open notes that fans may join the lines of these types' events from now on.
func (t *leaderTx) open(typeIDs pq.Int64Array) error {
	return t.exec(`update lines set opened = true where not opened
		and event_id in (select event_id from ticket_types where id = any($1))`, typeIDs)
}
