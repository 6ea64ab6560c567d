package store

import (
	"context"

	"github.com/google/uuid"
)

// StaleCharges lists charges that no notice has settled and that are due to be polled, and backs off: twice as long each
// time, up to ten minutes. Charges that ended without money are polled five more times over the next hours, since money
// may come all the same and its notice be lost.
func (s *Store) StaleCharges(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "stale charges")
	err = s.db.SelectContext(ctx, &ids, `
		update charges set looks = looks + 1, next_look_at = now() + case when status in ('failed', 'cancelled')
				then interval '5 minutes' * power(4, least(looks, 5))
				else least(interval '10 minutes', interval '15 seconds' * power(2, least(looks, 6))) end
		where id in (select id from charges
			where (status in ('new', 'open', 'abandoned') or status in ('failed', 'cancelled') and looks < 5) and next_look_at <= now()
			order by next_look_at limit $1 for update skip locked)
		returning id`, limit)
	return ids, err
}

// SettledCharges lists charges with money that are due to be looked at again, ever more seldom over some months: what
// becomes of it at the gateway is told by a notice, which may be lost.
func (s *Store) SettledCharges(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "settled charges")
	err = s.db.SelectContext(ctx, &ids, `
		update charges set looks = looks + 1, next_look_at = now() + interval '1 hour' * power(5, looks)
		where id in (select id from charges
			where status in ('captured', 'surplus') and looks < 6 and next_look_at <= now()
			order by next_look_at limit least($1, 20) for update skip locked)
		returning id`, limit)
	return ids, err
}
