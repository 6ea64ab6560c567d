package store

import (
	"context"

	"github.com/google/uuid"
)

// UnreleasedRefunds lists refunds whose stock the generator should have taken back by now.
func (s *Store) UnreleasedRefunds(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "unreleased refunds")
	err = s.db.SelectContext(ctx, &ids, `select id from refunds
		where released_at is null and asked_at < now() - interval '2 seconds' order by asked_at limit $1`, limit)
	return ids, err
}

// LateCharges lists charges paid after their hold had ended that the generator should have decided about by now.
func (s *Store) LateCharges(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "late charges")
	err = s.db.SelectContext(ctx, &ids, `select id from charges
		where status = 'late' and settled_at < now() - interval '2 seconds' order by settled_at limit $1`, limit)
	return ids, err
}

// AskedCapacities lists capacity changes that the generator has yet to carry out or refuse, the oldest first.
func (s *Store) AskedCapacities(ctx context.Context, limit int) (ids []int64, err error) {
	defer wrap(&err, "asked capacities")
	err = s.db.SelectContext(ctx, &ids, `select id from capacity_changes where outcome = 'asked' order by id limit $1`, limit)
	return ids, err
}

// TypesToServe lists ticket types on whose return list somebody waits in vain: no hold is left, and she did not ask to
// be kept or the sale is over.
func (s *Store) TypesToServe(ctx context.Context, limit int) (ids []int64, err error) {
	defer wrap(&err, "unsettled types")
	err = s.db.SelectContext(ctx, &ids, `
		select t.id from ticket_types t join events e on e.id = t.event_id
		where e.status <> 'cancelled'
			and exists (select from orders where ticket_type_id = t.id and status = 'waiting' and (not keep or e.sale_ends_at <= now()))
			and not exists (select from orders where ticket_type_id = t.id and status = 'reserved')
		order by t.id limit $1`, limit)
	return ids, err
}

// UnservedEvents lists events that are no longer paused, but still have parked orders or stock for those who wait.
func (s *Store) UnservedEvents(ctx context.Context, limit int) (ids []int64, err error) {
	defer wrap(&err, "unserved events")
	err = s.db.SelectContext(ctx, &ids, `
		select id from events e join lines l on l.event_id = e.id
		where not paused and status <> 'cancelled' and (l.unsettled or exists (select from orders where event_id = e.id and status = 'queued'))
		order by id limit $1`, limit)
	return ids, err
}
