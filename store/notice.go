package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// SaveNotice stores a notice of the payment API; a repeated one and one about no charge of ours are ignored.
// It returns whether there is work to do.
func (s *Store) SaveNotice(ctx context.Context, gateway, eventID string, chargeID uuid.UUID) (fresh bool, err error) {
	defer wrap(&err, "save notice")
	result, err := s.db.ExecContext(ctx, `
		insert into notices (gateway, event_id, charge_id)
		select $1, $2, id from charges where id = $3 on conflict do nothing`, gateway, eventID, chargeID)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// HandleNotices marks the notices of a charge that came before the gateway was asked as worked on.
func (s *Store) HandleNotices(ctx context.Context, chargeID uuid.UUID, asked time.Time) (err error) {
	defer wrap(&err, "handle notices of charge %s", chargeID)
	_, err = s.db.ExecContext(ctx, `
		update notices set handled_at = now() where charge_id = $1 and handled_at is null and received_at <= $2`, chargeID, asked)
	return err
}

// Now is the database's clock, by which deadlines are judged.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	defer wrap(&err, "now")
	err = s.db.GetContext(ctx, &now, `select now()`)
	return now, err
}

// UnhandledNotices lists charges that have news nobody looked at, the oldest first.
func (s *Store) UnhandledNotices(ctx context.Context, limit int) (chargeIDs []uuid.UUID, err error) {
	defer wrap(&err, "unhandled notices")
	err = s.db.SelectContext(ctx, &chargeIDs, `select charge_id from notices
		where handled_at is null and received_at < now() - interval '2 seconds' order by received_at limit $1`, limit)
	return chargeIDs, err
}
