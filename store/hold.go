package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
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
			update orders set extended = true, reserved_until = reserved_until + make_interval(secs => e.extend_seconds)
			from (select extend_seconds from events where id = $2 and extend_seconds > 0) e
			where id = $1 and status = 'reserved' and not extended and reserved_until > now() returning `+orderColumns,
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

// Outage is a time in which a gateway did not answer.
type Outage struct {
	ID      int64
	Gateway string
	BeganAt time.Time
	EndedAt time.Time // zero while it goes on
}

const outageColumns = `id, gateway, began_at, coalesce(ended_at, ` + never + `) as ended_at`

// BeginOutage notes that a gateway does not answer, once until it is ended.
func (s *Store) BeginOutage(ctx context.Context, gateway string) (err error) {
	defer wrap(&err, "begin outage of %s", gateway)
	_, err = s.db.ExecContext(ctx, `insert into outages (gateway) values ($1) on conflict do nothing`, gateway)
	return err
}

// EndOutage notes that a gateway answers again.
func (s *Store) EndOutage(ctx context.Context, gateway string) (err error) {
	defer wrap(&err, "end outage of %s", gateway)
	_, err = s.db.ExecContext(ctx, `update outages set ended_at = now() where gateway = $1 and ended_at is null`, gateway)
	return err
}

// OpenOutages lists the outages that go on.
func (s *Store) OpenOutages(ctx context.Context) (outages []Outage, err error) {
	defer wrap(&err, "open outages")
	err = s.db.SelectContext(ctx, &outages, `select `+outageColumns+` from outages where ended_at is null order by began_at`)
	return outages, err
}

// LatelyAway says whether a gateway is away, or was not long ago.
func (s *Store) LatelyAway(ctx context.Context) (away bool, err error) {
	defer wrap(&err, "lately away")
	err = s.db.GetContext(ctx, &away,
		`select exists (select from outages where ended_at is null or ended_at > now() - interval '25 hours')`)
	return away, err
}

// Outages lists the newest outages.
func (s *Store) Outages(ctx context.Context, limit int) (outages []Outage, err error) {
	defer wrap(&err, "outages")
	err = s.db.SelectContext(ctx, &outages, `select `+outageColumns+` from outages order by began_at desc limit $1`, limit)
	return outages, err
}

// LengthenForOutage gives a hold whose time is over more of it because the gateway of its charge, or of new charges,
// does not answer or came back a moment ago, within what its event allows. It says whether the hold is longer now.
func (s *Store) LengthenForOutage(ctx context.Context, orderID uuid.UUID, newCharges string) (o Order, longer bool, err error) {
	defer wrap(&err, "lengthen hold of order %s", orderID)
	var orders []Order
	// A minute at a time while the outage goes on; afterwards as much as after a declined card.
	err = s.db.SelectContext(ctx, &orders, `
		with due as (
			select o.id, least(e.outage_most - o.outage_extra, ceil(extract(epoch from a.until - o.reserved_until)))::int as more
			from orders o join events e on e.id = o.event_id
			cross join lateral (
				select max(case when ended_at is null then now() + interval '1 minute'
					else ended_at + make_interval(secs => e.retry_seconds) end) as until
				from outages where (ended_at is null or ended_at > o.decided_at) and gateway = coalesce((select gateway from charges
					where order_id = o.id and status in ('new', 'open') order by created_at desc limit 1), $2)) a
			where o.id = $1 and o.status = 'reserved' and a.until > now() and o.reserved_until < a.until)
		update orders o set outage_extra = outage_extra + more, reserved_until = reserved_until + make_interval(secs => more)
		from due where o.id = due.id and o.status = 'reserved' and more > 0 returning o.`+orderColumns, orderID, newCharges)
	if len(orders) == 0 || err != nil {
		return Order{}, false, err
	}
	return orders[0], true, nil
}
