package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// The time to pay of a hold ends at reserved_until. Whatever sets that moment, puts it off or compares it with the clock
// is in this file.

// holdUntil is when a hold ends that begins now: in SQL for the order's row, in Go for what is told of it.
const holdUntil = `now() + make_interval(secs => hold_seconds)`

func (o QueuedOrder) holdUntil(now time.Time) time.Time {
	return now.Add(time.Duration(o.HoldSeconds) * time.Second)
}

const (
	holdStands = `reserved_until > now()`
	holdIsOver = `reserved_until <= now()`
	// holdIsEnding says that three minutes are left, or a quarter of the hold if that is less. A hold of a minute or less
	// has no such time. The first bound is a constant, so that the index of holds serves it.
	holdIsEnding = `reserved_until > now() and reserved_until <= now() + interval '3 minutes'
				and hold_seconds > 60 and reserved_until <= now() + make_interval(secs => hold_seconds / 4.0)`
	// holdLonger puts the end of a hold off by a number of seconds named more.
	holdLonger = `reserved_until = reserved_until + make_interval(secs => more)`
)

// ExtendHold lengthens an account's hold once, by what its event allows. ErrState if that was done before, the time
// is over, the money is here already or the event allows nothing; ErrNotFound.
func (s *Store) ExtendHold(ctx context.Context, orderID uuid.UUID, accountID int64) (o Order, err error) {
	defer wrap(&err, "extend hold of order %s", orderID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if o, err = lockOrder(ctx, tx, orderID); err != nil {
			return err
		}
		if o.AccountID != accountID {
			return ErrNotFound
		}
		var longer []Order
		if err := tx.SelectContext(ctx, &longer, `
			update orders set extended = true, `+holdLonger+` from (select extend_seconds as more from events where id = $2) e
			where id = $1 and status = 'reserved' and not extended and `+holdStands+` and more > 0 returning `+orderColumns,
			orderID, o.EventID); err != nil {
			return err
		}
		if len(longer) == 0 {
			return ErrState
		}
		o = longer[0]
		return nil
	})
	return o, err
}

// lengthenForRetry leaves a fan whose card was declined time to try again, within what the event allows.
func lengthenForRetry(ctx context.Context, tx *sqlx.Tx, o *Order) error {
	var longer []Order
	err := tx.SelectContext(ctx, &longer, `
		update orders set retry_extra = retry_extra + more, `+holdLonger+`
		from (select least(retry_most - $3, ceil(retry_seconds - extract(epoch from $4 - now())))::int as more
			from events where id = $2) e
		where id = $1 and status = 'reserved' and more > 0 returning `+orderColumns,
		o.ID, o.EventID, o.RetryExtra, o.ReservedUntil)
	if len(longer) > 0 {
		*o = longer[0]
	}
	return err
}

// outageGrace is how long a hold stands at least after its gateway has come back, in seconds: time in which to pay.
const outageGrace = `greatest(retry_seconds, 180)`

// LengthenForOutage puts off the end of a hold that is due while the gateway of its charge, or of new charges, does not
// answer or has only just come back, within what its event allows. What is left of that may be nothing once the gateway is
// back: then some minutes are added all the same, once, or nobody could pay. It says whether the hold is longer now.
func (s *Store) LengthenForOutage(ctx context.Context, orderID uuid.UUID, newCharges string) (o Order, longer bool, err error) {
	defer wrap(&err, "lengthen hold of order %s", orderID)
	var orders []Order
	// A minute at a time while the outage goes on.
	err = s.db.SelectContext(ctx, &orders, `
		with due as (
			select o.id as due, ceil(extract(epoch from a.until - o.reserved_until))::int as wanted, a.back,
				e.outage_most, e.outage_most - o.outage_extra as allowed
			from orders o join events e on e.id = o.event_id
			cross join lateral (
				select until, back from (
					select ended_at is not null as back, case when ended_at is null then now() + interval '1 minute'
						else ended_at + make_interval(secs => `+outageGrace+`) end as until
					from outages where (ended_at is null or ended_at > o.decided_at) and gateway = coalesce((select gateway from charges
						where order_id = o.id and `+chargeIsOpen+` order by created_at desc limit 1), $2)) a
				order by back, until desc limit 1) a
			where o.id = $1 and o.status = 'reserved' and a.until > now() and o.reserved_until < a.until),
		granted as (
			select due, case when back and outage_most > 0 and allowed >= 0 then wanted else least(allowed, wanted) end as more from due)
		update orders set outage_extra = outage_extra + more, `+holdLonger+`
		from granted where id = due and status = 'reserved' and more > 0 returning `+orderColumns, orderID, newCharges)
	if len(orders) == 0 || err != nil {
		return Order{}, false, err
	}
	return orders[0], true, nil
}

// Hold is a hold whose time to pay is over.
type Hold struct {
	OrderID       uuid.UUID
	ReservedUntil time.Time
	Charged       bool // it has an open charge, or a notice about an earlier one, so that only the gateway knows whether it was paid
}

// OverdueHolds lists reserved orders whose time to pay is over, the oldest first, behind one that was listed before;
// the zero Hold stands before all.
func (s *Store) OverdueHolds(ctx context.Context, behind Hold, limit int) (holds []Hold, err error) {
	defer wrap(&err, "overdue holds")
	err = s.db.SelectContext(ctx, &holds, heldTypes+`
		select orders.id as order_id, orders.reserved_until,
			exists (select from charges where order_id = orders.id and `+chargeIsOpen+`) or `+noticeWaits+` as charged
		from held cross join lateral (
			select id, reserved_until from orders where ticket_type_id = held.type and status = 'reserved'
				and reserved_until between $1 and now() and (reserved_until, id) > ($1, $2)
			order by reserved_until, id limit $3) orders
		order by orders.reserved_until, orders.id limit $3`, behind.ReservedUntil, behind.OrderID, limit)
	return holds, err
}

// heldTypes are the ticket types of which somebody holds a ticket, one after the other by the index of holds: of most types
// that ever were nobody does.
const heldTypes = `
	with recursive held(type) as (
		select min(ticket_type_id) from orders where status = 'reserved'
		union all
		select (select min(ticket_type_id) from orders where status = 'reserved' and ticket_type_id > held.type)
		from held where held.type is not null)`

// Holds counts the reservations of a ticket type that are not paid yet.
func (s *Store) Holds(ctx context.Context, typeID int64) (n int, err error) {
	defer wrap(&err, "holds of type %d", typeID)
	err = s.db.GetContext(ctx, &n, `select count(*) from orders where ticket_type_id = $1 and status = 'reserved'`, typeID)
	return n, err
}
