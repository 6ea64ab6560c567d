package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Book is the account of one ticket type: its capacity, and what the rows say has become of it.
type Book struct {
	EventID      int64
	TicketTypeID int64
	Name         string
	Capacity     int
	Taken        int    // according to the stock row
	Held         int    // counted from reserved orders
	Sold         int    // counted from paid orders, less what came back
	Change       string // outcome of the newest capacity change: "asked", "done", "refused" or empty
	ChangeTo     int    // the capacity that it asked for
	ChangeAt     time.Time
}

// Free is what can still be given out.
func (b Book) Free() int { return b.Capacity - b.Taken }

// Balanced says that the stock row equals what the orders add up to.
func (b Book) Balanced() bool { return b.Taken == b.Held+b.Sold && b.Free() >= 0 }

// Books adds up the rows of each ticket type of some events, by position.
func (s *Store) Books(ctx context.Context, eventIDs ...int64) (books []Book, err error) {
	defer wrap(&err, "books of events %v", eventIDs)
	err = s.db.SelectContext(ctx, &books, `
		select t.event_id, t.id as ticket_type_id, t.name, s.capacity, s.taken,
			coalesce(sum(o.quantity) filter (where o.status = 'reserved'), 0) as held,
			coalesce(sum(o.quantity - o.returned) filter (where o.status in ('paid', 'refunded')), 0) as sold,
			coalesce(c.outcome, '') as change, coalesce(c.capacity, 0) as change_to, coalesce(c.asked_at, `+never+`) as change_at
		from ticket_types t join stock s on s.ticket_type_id = t.id left join orders o on o.ticket_type_id = t.id
		left join lateral (select outcome, capacity, asked_at from capacity_changes
			where ticket_type_id = t.id order by id desc limit 1) c on true
		where t.event_id = any($1) group by t.id, s.ticket_type_id, c.outcome, c.capacity, c.asked_at
		order by t.position, t.id`, pq.Int64Array(eventIDs))
	return books, err
}
