package store

import (
	"context"
	"time"
)

// NoticeTaken notes that a notice of a gateway was signed by our secret.
func (s *Store) NoticeTaken(ctx context.Context, gateway string) (err error) {
	defer wrap(&err, "notice of %s taken", gateway)
	_, err = s.db.ExecContext(ctx, `insert into gateway_notices (gateway, taken_at) values ($1, now())
		on conflict (gateway) do update set taken_at = now()`, gateway)
	return err
}

// NoticeRefused notes that a notice in the name of a gateway was refused.
func (s *Store) NoticeRefused(ctx context.Context, gateway, reason string) (err error) {
	defer wrap(&err, "notice of %s refused", gateway)
	_, err = s.db.ExecContext(ctx, `insert into gateway_notices (gateway, refused_at, reason) values ($1, now(), $2)
		on conflict (gateway) do update set refused_at = now(), reason = excluded.reason`, gateway, reason)
	return err
}

// NoticeTrouble is a gateway whose notices do not come, or are refused.
type NoticeTrouble struct {
	Gateway   string
	TakenAt   time.Time // the last good notice; zero if none ever came
	RefusedAt time.Time // the last one refused since; zero if none was
	Reason    string    // of that
	PaidAt    time.Time // the last charge that was paid more than an hour after the last good notice; zero if none was
}

// NoticeTroubles lists gateways whose notices were refused within a day, with no good one since, or that have sent none for
// an hour while charges were paid: their secret is wrong, or they send them elsewhere.
func (s *Store) NoticeTroubles(ctx context.Context) (troubles []NoticeTrouble, err error) {
	defer wrap(&err, "notices that do not come")
	err = s.db.SelectContext(ctx, &troubles, `
		with paid as (
			select gateway, max(at) as at from (select gateway, at from ledger where kind = 'captured' order by id desc limit 10000) l
			where at between now() - interval '1 day' and now() - interval '5 minutes' group by gateway),
		known as (
			select gateway, refused_at, reason, p.at as paid_at,
				coalesce(n.taken_at, (select max(received_at) from notices where notices.gateway = coalesce(n.gateway, p.gateway))) as taken_at
			from gateway_notices n full join paid p using (gateway)),
		judged as (
			select *, refused_at > now() - interval '1 day' and refused_at > coalesce(taken_at, '-infinity') as refused,
				paid_at > coalesce(taken_at + interval '1 hour', '-infinity') as silent
			from known)
		select gateway, coalesce(taken_at, `+never+`) as taken_at,
			case when refused then refused_at else `+never+` end as refused_at, case when refused then reason else '' end as reason,
			case when silent then paid_at else `+never+` end as paid_at
		from judged where refused or silent order by gateway`)
	return troubles, err
}
