package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// RefundAttempt is one attempt to send a refund's money. One whose outcome is unknown is asked for again by the same key;
// after a refusal another attempt is made, since a gateway answers a key that it refused with the same refusal.
type RefundAttempt struct {
	ID       uuid.UUID // the idempotency key; the first attempt has the refund's own id
	RefundID uuid.UUID
	BeganAt  time.Time
	Tries    int       // how often it was asked for
	Result   string    // "done"; "refused"; "failed", days after it was done; or "dropped", since it was not needed any more; empty while nobody knows
	Reason   string    // the last answer that was no success, in the gateway's words
	EndedAt  time.Time // zero while nobody knows
}

var attemptColumns = columnsOf[RefundAttempt]().read("result", "ended_at")

const (
	// attemptOpen says that the outcome of an attempt of refund r is unknown.
	attemptOpen = `exists (select from refund_attempts where refund_id = r.id and result is null)`
	// refundUnderWay says that refund r is being sent: for the first time, or again after a refusal.
	refundUnderWay = `(r.status = 'owed' or r.status = 'refused' and ` + attemptOpen + `)`
)

// OrderAttempts lists the attempts to send an order's refunds, the oldest first.
func (s *Store) OrderAttempts(ctx context.Context, orderID uuid.UUID) (attempts []RefundAttempt, err error) {
	defer wrap(&err, "attempts to refund order %s", orderID)
	err = s.db.SelectContext(ctx, &attempts, `select `+attemptColumns+` from refund_attempts
		where refund_id in (select id from refunds where order_id = $1) order by began_at, id`, orderID)
	return attempts, err
}

// beginAttempt opens the first attempt of a refund whose turn it is. Releases before attempts were kept have asked by
// the refund's id, so one of theirs goes on by the same key.
func beginAttempt(ctx context.Context, tx *sqlx.Tx, refundID uuid.UUID) error {
	_, err := tx.ExecContext(ctx, `
		insert into refund_attempts (id, refund_id)
		select case when exists (select from refund_attempts where refund_id = r.id) then gen_random_uuid() else r.id end, r.id
		from refunds r where r.id = $1 and r.status = 'owed' and r.charge_id is not null and not `+attemptOpen+` and `+firstOwed+`
		on conflict do nothing`, refundID)
	return err
}

// endAttempt closes the attempt of some refunds, and writes one down for those that an earlier release has sent.
const endAttempt = `
	insert into refund_attempts (id, refund_id, tries, result, ended_at)
	select coalesce((select id from refund_attempts where refund_id = d.id and result is null),
		case when exists (select from refund_attempts where refund_id = d.id) then gen_random_uuid() else d.id end),
		d.id, 1, '%s', now() from ended d
	on conflict (id) do update set tries = refund_attempts.tries + 1, result = excluded.result, ended_at = now()`

// renewAttempt closes the attempt that is open, if any, and opens another in its place: what is asked for has changed.
func renewAttempt(ctx context.Context, tx *sqlx.Tx, refundID uuid.UUID, result string) error {
	ended, err := tx.ExecContext(ctx, `update refund_attempts set result = $2, ended_at = now() where refund_id = $1 and result is null`, refundID, result)
	if err != nil {
		return err
	}
	if n, err := ended.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into refund_attempts (refund_id) values ($1)`, refundID)
	return err
}

// longestReason is how many characters of a gateway's answer are kept.
const longestReason = 300

// RefundAnswered keeps what a gateway said of an attempt that did not succeed, for admins.
func (s *Store) RefundAnswered(ctx context.Context, key uuid.UUID, reason string) (err error) {
	defer wrap(&err, "answer to attempt %s", key)
	reason = strings.ReplaceAll(strings.ToValidUTF8(reason, "\uFFFD"), "\x00", "")
	_, err = s.db.ExecContext(ctx, `update refund_attempts set reason = left($2, $3) where id = $1`, key, reason, longestReason)
	return err
}

// SettleRefund ends a refund whose money reached its fan outside the gateway, as an admin says why. ErrState unless the
// gateway has refused it and is not being asked again, or has had no answer for a day; ErrNotFound.
func (s *Store) SettleRefund(ctx context.Context, adminID int64, refundID uuid.UUID, note string) (r Refund, err error) {
	defer wrap(&err, "settle refund %s", refundID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := lockRefund(ctx, tx, refundID); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &r, `select `+refundColumns+` from refunds where id = $1`, refundID); err != nil {
			return err
		}
		var settled []Refund
		if err := tx.SelectContext(ctx, &settled, `
			with ended as (
				update refunds r set status = 'settled', settled_at = now() where id = $1 and `+refundSettleable+` returning *),
			attempt as (
				update refund_attempts a set result = 'dropped', ended_at = now() from ended d where a.refund_id = d.id and a.result is null),
			booked as ( -- what had gone back without us counts as sent
				insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
				select o.event_id, o.id, c.gateway, c.id, d.id, k.kind, k.cents, c.currency
				from ended d join charges c on c.id = d.charge_id join orders o on o.id = d.order_id
				cross join lateral (values (1, 'refund_outside', d.amount_cents - d.covered_cents), (2, 'refund_sent', d.covered_cents),
					(3, 'refund_covered', d.covered_cents)) k(n, kind, cents)
				where k.cents > 0 order by k.n),
			letter as (
				insert into letters (kind, subject, account_id, status)
				select 'refund_settled', d.id, o.account_id, 'due' from ended d join orders o on o.id = d.order_id)
			select `+refundColumns+` from ended`, refundID); err != nil {
			return err
		}
		if len(settled) == 0 {
			return ErrState
		}
		r = settled[0]
		return logAdmin(ctx, tx, adminID, "refund.settle", orderSubject(r.OrderID), map[string]any{
			"refund": r.ID, "cents": r.RestCents(), "note": note,
		})
	})
	return r, err
}

// refundSettleable says that the gateway will not send refund r by itself, as far as one can know.
const refundSettleable = `(r.status = 'refused' and not ` + attemptOpen + `
	or r.status in ('owed', 'refused') and r.amount_cents > 0 and r.asked_at < now() - interval '1 day')`

// RefundOrder reads the order that a refund is about; ErrNotFound.
func (s *Store) RefundOrder(ctx context.Context, refundID uuid.UUID) (o Order, err error) {
	defer wrap(&err, "order of refund %s", refundID)
	return one(s.orders(ctx, `where id = (select order_id from refunds where id = $1)`, refundID))
}

// RefundTickets lists the numbers of the tickets that a refund took back.
func (s *Store) RefundTickets(ctx context.Context, refundID uuid.UUID) (numbers []int64, err error) {
	defer wrap(&err, "tickets of refund %s", refundID)
	err = s.db.SelectContext(ctx, &numbers, `select number from tickets where refund_id = $1 order by number`, refundID)
	return numbers, err
}
