package store

import (
	"context"

	"github.com/google/uuid"
)

// StaleCharges lists charges that no notice has settled and that are due to be polled, and leaves each in peace for a
// minute: one whose look fails is due again after that, as if nobody had looked (ChargeLooked).
func (s *Store) StaleCharges(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "stale charges")
	err = s.db.SelectContext(ctx, &ids, `
		update charges set next_look_at = now() + interval '1 minute'
		where id in (select id from charges
			where (status in ('new', 'open', 'abandoned') or status in ('failed', 'cancelled') and looks < 5) and next_look_at <= now()
			order by next_look_at limit $1 for update skip locked)
		returning id`, limit)
	return ids, err
}

const (
	// lateMoneyTime is for how long money is looked for that may come after a charge has ended without any.
	lateMoneyTime = `interval '10 days'`
	// lateMoneyPause is how long a look at such a charge is put off: as long as it has been waiting, at most half a day.
	lateMoneyPause = `least(interval '12 hours', greatest(interval '1 minute', now() - settled_at))`
)

// ChargeLooked notes that the gateway has said what it knows of a charge, and backs off: twice as long each time, up to ten
// minutes. A charge that ended without money is looked at for days, since money may come all the same and its notice be
// lost; looks stays below 5 for so long, by which the index, and the release before, know that it is not over.
func (s *Store) ChargeLooked(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "looked at charge %s", id)
	_, err = s.db.ExecContext(ctx, `
		update charges set
			looks = case when status not in ('failed', 'cancelled') then looks + 1
				when settled_at > now() - `+lateMoneyTime+` then least(looks + 1, 4) else 5 end,
			next_look_at = now() + case when status in ('failed', 'cancelled') then `+lateMoneyPause+`
				else least(interval '10 minutes', interval '15 seconds' * power(2, least(looks, 6))) end
		where id = $1 and status in ('new', 'open', 'abandoned', 'failed', 'cancelled')`, id)
	return err
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
