package store

import (
	"context"

	"github.com/google/uuid"
)

// UnreleasedRefunds lists refunds whose stock the generator has not taken back yet although it was asked a while ago.
func (s *Store) UnreleasedRefunds(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "unreleased refunds")
	err = s.db.SelectContext(ctx, &ids, `select id from refunds
		where released_at is null and asked_at < now() - interval '2 seconds' order by asked_at limit $1`, limit)
	return ids, err
}

// AskedCapacities lists capacity changes that the generator has yet to settle, the oldest first.
func (s *Store) AskedCapacities(ctx context.Context, limit int) (ids []int64, err error) {
	defer wrap(&err, "asked capacities")
	err = s.db.SelectContext(ctx, &ids, `select id from capacity_changes where outcome = 'asked' order by id limit $1`, limit)
	return ids, err
}
