package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// RefundDue is a refund that the gateway has yet to confirm.
type RefundDue struct {
	RefundID    uuid.UUID
	Key         uuid.UUID // of the attempt: the idempotency key
	OrderID     uuid.UUID
	EventID     int64
	Gateway     string
	ChargeID    uuid.UUID
	GatewayID   string         // of the charge, or of what took its money
	AmountCents int64          // that had not gone back without us
	BeforeCents int64          // what earlier refunds of the charge have sent back
	Before      pq.StringArray // the gateway's ids of those
	AskedAt     time.Time      // what was sent back before is not this one
}

// firstOwed says that no other refund of the charge of r that is under way was asked for earlier. They are sent one after the other, so
// that the sum a gateway has sent back shows whether it has done one whose key it forgot. They are asked for under the
// lock of their order, so that none slips in ahead of one that is under way.
const firstOwed = `not exists (select from refunds b where b.order_id = r.order_id and b.charge_id = r.charge_id
	and (b.status = 'owed' or b.status = 'refused' and exists (select from refund_attempts where refund_id = b.id and result is null))
	and (b.asked_at, b.id) < (r.asked_at, r.id))`

// DueRefund reads a refund that is under way, and begins an attempt if none is open; ErrNotFound if it has an end, or if
// another one of its charge goes first.
func (s *Store) DueRefund(ctx context.Context, refundID uuid.UUID) (d RefundDue, err error) {
	defer wrap(&err, "debt %s", refundID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := beginAttempt(ctx, tx, refundID); err != nil {
			return err
		}
		return tx.GetContext(ctx, &d, `
			select r.id as refund_id, a.id as key, r.order_id, (select event_id from orders where id = r.order_id) as event_id,
				c.gateway, c.id as charge_id, coalesce(c.payment_id, c.gateway_id, '') as gateway_id,
				r.amount_cents - r.covered_cents as amount_cents, case when a.id = r.id then r.asked_at else a.began_at end as asked_at,
				(select coalesce(sum(amount_cents - covered_cents), 0)::bigint from refunds where charge_id = c.id and status = 'done') as before_cents,
				array(select gateway_id from refunds where charge_id = c.id and status = 'done' and gateway_id <> '') as before
			from refunds r join charges c on c.id = r.charge_id join refund_attempts a on a.refund_id = r.id and a.result is null
			where r.id = $1 and r.status in ('owed', 'refused') and `+firstOwed, refundID)
	})
	return d, err
}

// DueRefunds lists refunds whose turn it is and whose next try is due.
func (s *Store) DueRefunds(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "due debts")
	err = s.db.SelectContext(ctx, &ids, `
		select id from (
			select r.id, r.next_try_at from refunds r where r.status = 'owed' and r.next_try_at <= now() and `+firstOwed+`
			union all select r.id, r.next_try_at from refund_attempts a join refunds r on r.id = a.refund_id
				where a.result is null and r.status = 'refused' and r.next_try_at <= now() and `+firstOwed+`) r
		order by next_try_at limit $1`, limit)
	return ids, err
}

// NextRefunds lists an order's refunds whose turn it is.
func (s *Store) NextRefunds(ctx context.Context, orderID uuid.UUID) (ids []uuid.UUID, err error) {
	defer wrap(&err, "debts of order %s", orderID)
	err = s.db.SelectContext(ctx, &ids, `select id from refunds r where order_id = $1 and `+refundUnderWay+` and `+firstOwed, orderID)
	return ids, err
}

// RefundPaid records that the gateway sent the money back, once.
func (s *Store) RefundPaid(ctx context.Context, refundID uuid.UUID, gatewayID string) (err error) {
	defer wrap(&err, "debt %s paid", refundID)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		// Orders are locked before their refunds, here as everywhere: the ledger refers to them.
		if _, err := tx.ExecContext(ctx, `
			select from orders where id = (select order_id from refunds where id = $1) for key share`, refundID); err != nil {
			return err
		}
		return payRefund(ctx, tx, refundID, gatewayID, "done")
	})
}

// payRefund ends a refund that is under way, and its attempt with a result. Its charge is looked at again in the time to
// come, since a refund may fail after it was done.
func payRefund(ctx context.Context, tx *sqlx.Tx, refundID uuid.UUID, gatewayID, result string) error {
	_, err := tx.ExecContext(ctx, `
		with ended as (
			update refunds r set status = 'done', done_at = now(), gateway_id = $2, attempts = attempts + 1
			where id = $1 and `+refundUnderWay+` returning id, order_id, charge_id, amount_cents, covered_cents),
		attempt as (`+fmt.Sprintf(endAttempt, result)+`),
		watched as (update charges set looks = 0, next_look_at = now() + interval '1 hour' where id in (select charge_id from ended)),
		booked as (
			insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
			select o.event_id, o.id, c.gateway, c.id, d.id, k.kind, k.cents, c.currency
			from ended d join charges c on c.id = d.charge_id join orders o on o.id = d.order_id
			cross join lateral (values (1, 'refund_sent', d.amount_cents), (2, 'refund_covered', d.covered_cents)) k(n, kind, cents)
			where k.cents > 0 order by k.n)
		insert into letters (kind, subject, account_id)
		select 'refunded', d.id, o.account_id from ended d join orders o on o.id = d.order_id`, refundID, gatewayID)
	return err
}

// RefundFailed backs off before the next try of a refund, twice as long for each try of the attempt, up to an hour.
func (s *Store) RefundFailed(ctx context.Context, refundID uuid.UUID) (err error) {
	defer wrap(&err, "debt %s failed", refundID)
	_, err = s.db.ExecContext(ctx, `
		with attempt as (
			update refund_attempts set tries = tries + 1 where refund_id = $1 and result is null returning tries)
		update refunds r set attempts = attempts + 1, next_try_at = now() + least(interval '1 hour', interval '2 seconds'
			* power(2, least(coalesce((select tries - 1 from attempt), attempts), 11)))
		where id = $1 and `+refundUnderWay, refundID)
	return err
}

// RefundRefusedByGateway records that the gateway will never send a refund, and owes its fan a letter that says so: a
// person has to look into it, and can have it tried by another key (RetryRefund) or settle it outside (SettleRefund).
func (s *Store) RefundRefusedByGateway(ctx context.Context, refundID uuid.UUID) (err error) {
	defer wrap(&err, "debt %s refused", refundID)
	_, err = s.db.ExecContext(ctx, `
		with ended as (
			update refunds r set status = 'refused', attempts = attempts + 1 where id = $1 and `+refundUnderWay+` returning id, order_id),
		attempt as (`+fmt.Sprintf(endAttempt, "refused")+`)
		insert into letters (kind, subject, account_id, status)
		select 'refund_refused', d.id, o.account_id, 'due' from ended d join orders o on o.id = d.order_id
		on conflict do nothing`, refundID)
	return err
}
