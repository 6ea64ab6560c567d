package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// CoverRefund settles as much of a refund that is under way as the gateway has no money left for, because so much had gone
// back without us. It returns whether that changed anything; the rest stays under way, by another attempt.
func (s *Store) CoverRefund(ctx context.Context, refundID uuid.UUID, leftCents int64) (covered bool, err error) {
	defer wrap(&err, "cover refund %s", refundID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		covered = false
		if err := lockRefund(ctx, tx, refundID); err != nil {
			return err
		}
		var whole []bool
		if err := tx.SelectContext(ctx, &whole, `
			update refunds r set covered_cents = w.cents, next_try_at = now()
			from refunds b join charges c on c.id = b.charge_id cross join lateral (
				select least(b.amount_cents, greatest(b.amount_cents - $2, 0), c.elsewhere_cents + c.disputed_cents
					- (select coalesce(sum(covered_cents), 0) from refunds where charge_id = c.id and id <> b.id))::bigint as cents) w
			where r.id = $1 and b.id = $1 and `+refundUnderWay+` and w.cents > r.covered_cents
			returning r.covered_cents = r.amount_cents`, refundID, leftCents); err != nil || len(whole) == 0 {
			return err
		}
		covered = true
		if whole[0] {
			return payRefund(ctx, tx, refundID, "", "dropped")
		}
		return renewAttempt(ctx, tx, refundID, "refused")
	})
	return covered, err
}

// RefundCameBack opens the debt of a refund anew that the gateway had confirmed and that failed afterwards. It returns
// whether that is news.
func (s *Store) RefundCameBack(ctx context.Context, refundID uuid.UUID) (news bool, err error) {
	defer wrap(&err, "refund %s came back", refundID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := lockRefund(ctx, tx, refundID); err != nil {
			return err
		}
		news, err = reopen(ctx, tx, refundID)
		return err
	})
	return news, err
}

// ChargeRefunds lists the refunds of a charge that the gateway has confirmed: our id, and the gateway's.
func (s *Store) ChargeRefunds(ctx context.Context, chargeID uuid.UUID) (sent map[uuid.UUID]string, err error) {
	defer wrap(&err, "refunds of charge %s", chargeID)
	var rows []struct {
		ID        uuid.UUID
		GatewayID string
	}
	err = s.db.SelectContext(ctx, &rows, `select id, gateway_id from refunds where charge_id = $1 and status = 'done' and gateway_id <> ''`, chargeID)
	sent = map[uuid.UUID]string{}
	for _, r := range rows {
		sent[r.ID] = r.GatewayID
	}
	return sent, err
}

// lockRefund locks the order of a refund: orders are locked before their refunds, here as everywhere.
func lockRefund(ctx context.Context, tx *sqlx.Tx, refundID uuid.UUID) error {
	var order uuid.UUID
	return tx.GetContext(ctx, &order, `select id from orders where id = (select order_id from refunds where id = $1) for update`, refundID)
}

// uncover opens the debts anew, the newest first, that were covered by money which has come back to the gateway.
func uncover(ctx context.Context, tx *sqlx.Tx, c Charge) error {
	var refunds []struct {
		ID           uuid.UUID
		CoveredCents int64
	}
	if err := tx.SelectContext(ctx, &refunds, `select id, covered_cents from refunds
		where charge_id = $1 and covered_cents > 0 and status <> 'settled'
		order by asked_at desc, id`, c.ID); err != nil {
		return err
	}
	var covered int64
	for _, r := range refunds {
		covered += r.CoveredCents
	}
	for _, r := range refunds {
		if covered <= c.ElsewhereCents+c.DisputedCents {
			return nil
		}
		covered -= r.CoveredCents
		if news, err := reopen(ctx, tx, r.ID); err != nil {
			return err
		} else if news {
			continue
		}
		if _, err := tx.ExecContext(ctx, `update refunds set covered_cents = 0 where id = $1`, r.ID); err != nil {
			return err
		}
		if err := renewAttempt(ctx, tx, r.ID, "dropped"); err != nil {
			return err
		}
	}
	return nil
}

// reopen owes a refund anew, and books that what was sent is at the gateway again. The letter that told of it goes, since
// another one will be true.
func reopen(ctx context.Context, tx *sqlx.Tx, refundID uuid.UUID) (news bool, err error) {
	var ids pq.StringArray
	err = tx.SelectContext(ctx, &ids, `
		with was as (select * from refunds where id = $1 and status = 'done' and amount_cents > 0 for update),
		open as (
			update refunds r set status = 'owed', done_at = null, gateway_id = null, attempts = 0, next_try_at = now(),
				covered_cents = 0
			from was where r.id = was.id returning r.id),
		sent as ( -- by a release that kept no attempts: another key has to be used all the same
			insert into refund_attempts (id, refund_id, tries, result, ended_at)
			select id, id, 1, 'dropped', now() from was where not exists (select from refund_attempts where refund_id = was.id)),
		attempt as (update refund_attempts set result = 'failed' where result = 'done' and refund_id in (select id from open)),
		told as (delete from letters where kind = 'refunded' and subject in (select id from open)),
		booked as (
			insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
			select o.event_id, o.id, c.gateway, c.id, w.id, k.kind, k.cents, c.currency
			from was w join charges c on c.id = w.charge_id join orders o on o.id = w.order_id
			cross join lateral (values ('refund_failed', w.amount_cents - w.covered_cents), ('refund_uncovered', w.covered_cents)) k(kind, cents)
			where k.cents > 0)
		select id::text from open`, refundID)
	return len(ids) > 0, err
}
