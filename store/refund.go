package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// RefundUntil is the last moment at which a paid order's tickets may be given back.
func RefundUntil(o Order, e Event) time.Time {
	until := o.PaidAt.AddDate(0, 0, o.RefundDays)
	if before := e.StartsAt.Add(-time.Duration(o.RefundHours) * time.Hour); before.Before(until) {
		until = before
	}
	return until
}

// RefundPerTicketCents is what comes back for one ticket under the order's own policy.
func RefundPerTicketCents(o Order) int64 {
	if o.RefundFee {
		return o.PriceCents + o.FeeCents
	}
	return o.PriceCents
}

// AskRefund takes valid tickets of the account's paid order back: they are void at once, the money is owed.
// No ticket ids means all valid ones. The stock returns through the generator (Leader.Return).
// ErrNotFound for what is not the account's; ErrState outside the policy or when a ticket is not valid any more.
func (s *Store) AskRefund(ctx context.Context, orderID uuid.UUID, accountID int64, ticketIDs []int64) (r Refund, err error) {
	defer wrap(&err, "ask refund of order %s", orderID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if o.AccountID != accountID {
			return ErrNotFound
		}
		var e Event
		if err := tx.GetContext(ctx, &e, `select `+eventColumns+` from events where id = $1`, o.EventID); err != nil {
			return err
		}
		var now time.Time
		if err := tx.GetContext(ctx, &now, `select now()`); err != nil {
			return err
		}
		if o.Status != Paid || now.After(RefundUntil(o, e)) {
			return ErrState
		}
		var valid []int64
		if err := tx.SelectContext(ctx, &valid, `
			select id from tickets where order_id = $1 and status = 'valid' and ($3 or id = any($2))
			order by id for update`, orderID, pq.Int64Array(ticketIDs), len(ticketIDs) == 0); err != nil {
			return err
		}
		if len(valid) == 0 || len(ticketIDs) > 0 && len(valid) != len(ticketIDs) {
			return ErrState
		}
		if err := tx.GetContext(ctx, &r, `
			insert into refunds (order_id, charge_id, reason, quantity, amount_cents, status, done_at)
			select $1, (select id from charges where order_id = $1 and status = 'captured'), 'fan', $2::int, $3::bigint,
				case when $3::bigint = 0 then 'done' else 'owed' end, case when $3::bigint = 0 then now() end
			returning `+refundColumns, orderID, len(valid), int64(len(valid))*RefundPerTicketCents(o)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update tickets set status = 'void', refund_id = $2 where id = any($1)`, pq.Int64Array(valid), r.ID)
		return err
	})
	return r, err
}

// Debt is a refund that the gateway has yet to confirm.
type Debt struct {
	RefundID    uuid.UUID
	OrderID     uuid.UUID
	Gateway     string
	GatewayID   string // of the charge
	AmountCents int64
	BeforeCents int64 // what earlier refunds of the charge have sent back
}

// Debt reads a refund that is owed, or ErrNotFound if it is paid already.
func (s *Store) Debt(ctx context.Context, refundID uuid.UUID) (d Debt, err error) {
	defer wrap(&err, "debt %s", refundID)
	err = s.db.GetContext(ctx, &d, `
		select r.id as refund_id, r.order_id, c.gateway, coalesce(c.gateway_id, '') as gateway_id, r.amount_cents,
			(select coalesce(sum(amount_cents), 0)::bigint from refunds where charge_id = c.id and status = 'done') as before_cents
		from refunds r join charges c on c.id = r.charge_id where r.id = $1 and r.status = 'owed'`, refundID)
	return d, err
}

// DueDebts lists the ids of refunds whose next try is due.
func (s *Store) DueDebts(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "due debts")
	err = s.db.SelectContext(ctx, &ids,
		`select id from refunds where status = 'owed' and next_try_at <= now() order by next_try_at limit $1`, limit)
	return ids, err
}

// DebtPaid records that the gateway sent the money back, once; it returns the order's id.
func (s *Store) DebtPaid(ctx context.Context, refundID uuid.UUID, gatewayID string) (err error) {
	defer wrap(&err, "debt %s paid", refundID)
	_, err = s.db.ExecContext(ctx, `
		with done as (
			update refunds set status = 'done', done_at = now(), gateway_id = $2, attempts = attempts + 1
			where id = $1 and status = 'owed' returning id, order_id)
		insert into letters (kind, subject, account_id)
		select 'refunded', d.id, o.account_id from done d join orders o on o.id = d.order_id`, refundID, gatewayID)
	return err
}

// DebtFailed puts the next try of a refund off, twice as long each time up to an hour.
func (s *Store) DebtFailed(ctx context.Context, refundID uuid.UUID) (err error) {
	defer wrap(&err, "debt %s failed", refundID)
	_, err = s.db.ExecContext(ctx, `
		update refunds set attempts = attempts + 1,
			next_try_at = now() + least(interval '1 hour', interval '2 seconds' * power(2, least(attempts, 11)))
		where id = $1 and status = 'owed'`, refundID)
	return err
}
