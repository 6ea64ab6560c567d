package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// Standing is what a gateway says is left of the money that a charge took.
type Standing struct {
	PaymentID     string // the gateway's, of what took the money, if that has an id of its own
	RefundedCents int64
	Dispute       string // "", "open", "won" or "lost"
	DisputedCents int64  // that the payer's bank holds or has taken
	LeftCents     int64
	AskedAt       time.Time // when the gateway was asked, by the clock of Postgres
	Unsent        bool      // the gateway has just refused the refund that is owed, so that none is under way
}

// Stood is what a standing made of an order.
type Stood struct {
	Order   Order
	News    bool
	Missing bool // less went back than we have sent: a refund may have come back
}

// RecordStanding writes down what became of a charge's money without us: what was sent back in the gateway's own panel, and
// what the payer's bank wants. Tickets whose money is gone are blocked, and good again when it is back. While a refund of
// ours is under way nobody can tell it from another one, so that only a dispute is news.
func (s *Store) RecordStanding(ctx context.Context, chargeID uuid.UUID, said Standing) (done Stood, err error) {
	defer wrap(&err, "standing of charge %s", chargeID)
	c, err := s.Charge(ctx, chargeID)
	if err != nil {
		return Stood{}, err
	}
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		done = Stood{}
		if done.Order, err = lockOrder(ctx, tx, c.OrderID); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &c, `select `+chargeColumns+` from charges where id = $1 for update`, chargeID); err != nil {
			return err
		}
		if c.Status != ChargeCaptured && c.Status != ChargeSurplus {
			return nil
		}
		var ours struct {
			Sent     int64
			UnderWay bool
		}
		if err := tx.GetContext(ctx, &ours, `
			select coalesce(sum(amount_cents - covered_cents) filter (where status = 'done'), 0)::bigint as sent,
				coalesce(bool_or(`+refundUnderWay+` and not $2 or done_at >= $3), false) as under_way
			from refunds r where charge_id = $1`, chargeID, said.Unsent, said.AskedAt); err != nil {
			return err
		}
		was := c
		c.Dispute, c.DisputedCents = said.Dispute, said.DisputedCents
		if !ours.UnderWay {
			c.ElsewhereCents = max(said.RefundedCents-ours.Sent, 0)
			done.Missing = said.RefundedCents < ours.Sent
		}
		if _, err := tx.ExecContext(ctx, `
			update charges set elsewhere_cents = $2, dispute = $3, disputed_cents = $4, left_cents = $5,
				left_at = $6, payment_id = coalesce(nullif($7, ''), payment_id) where id = $1`,
			chargeID, c.ElsewhereCents, c.Dispute, c.DisputedCents, said.LeftCents, said.AskedAt, said.PaymentID); err != nil {
			return err
		}
		done.News = c != was
		if !done.News {
			return nil
		}
		if err := bookGone(ctx, tx, was, c); err != nil {
			return err
		}
		if err := uncover(ctx, tx, c); err != nil {
			return err
		}
		return blockTickets(ctx, tx, c)
	})
	return done, err
}

// bookGone books money of a charge that has left the gateway without us, or come back.
func bookGone(ctx context.Context, tx *sqlx.Tx, was, is Charge) error {
	for _, m := range []struct {
		cents     int64
		out, back MovementKind
	}{
		{is.ElsewhereCents - was.ElsewhereCents, MovedElsewhere, MovedElsewhereBack},
		{is.DisputedCents - was.DisputedCents, MovedDisputed, MovedDisputeWon},
	} {
		kind := m.out
		if m.cents < 0 {
			kind, m.cents = m.back, -m.cents
		}
		if m.cents == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, `
			insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
			select o.event_id, o.id, c.gateway, c.id, $2, $3, c.currency
			from charges c join orders o on o.id = c.order_id where c.id = $1`, is.ID, kind, m.cents); err != nil {
			return err
		}
	}
	return nil
}

// blockTickets blocks the tickets of a charge while its payer's bank holds its money, or when all that is not owed back is
// gone, and makes them good again when that is over.
func blockTickets(ctx context.Context, tx *sqlx.Tx, c Charge) error {
	if c.Status != ChargeCaptured {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		with money as (select $2::bigint > 0 or $3::bigint > 0 and $3 - coalesce(sum(covered_cents), 0) >= $4 - coalesce(sum(amount_cents), 0) as gone
			from refunds where charge_id = $1)
		update tickets set blocked_at = case when gone then now() end from money
		where order_id = $5 and status in ('valid', 'used') and (blocked_at is not null) <> gone`,
		c.ID, c.DisputedCents, c.ElsewhereCents, c.PaidCents, c.OrderID)
	return err
}
