package store

import (
	"context"
	"time"
)

// Outage is a time during which a gateway did not answer.
type Outage struct {
	ID      int64
	Gateway string
	BeganAt time.Time
	EndedAt time.Time // zero while it goes on
}

var outageColumns = columnsOf[Outage]().read("ended_at")

// BeginOutage records that a gateway does not answer. A second call before the end changes nothing.
func (s *Store) BeginOutage(ctx context.Context, gateway string) (err error) {
	defer wrap(&err, "begin outage of %s", gateway)
	_, err = s.db.ExecContext(ctx, `insert into outages (gateway) values ($1) on conflict do nothing`, gateway)
	return err
}

// EndOutage records that a gateway answers again.
func (s *Store) EndOutage(ctx context.Context, gateway string) (err error) {
	defer wrap(&err, "end outage of %s", gateway)
	_, err = s.db.ExecContext(ctx, `update outages set ended_at = now() where gateway = $1 and ended_at is null`, gateway)
	return err
}

// OpenOutages lists the outages that have not ended.
func (s *Store) OpenOutages(ctx context.Context) (outages []Outage, err error) {
	defer wrap(&err, "open outages")
	err = s.db.SelectContext(ctx, &outages, `select `+outageColumns+` from outages where ended_at is null order by began_at`)
	return outages, err
}

// LatelyAway says whether a gateway is away, or was within about a day.
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
