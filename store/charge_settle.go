package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// MarkPending records that the gateway is not sure yet about the money that the fan has sent. It returns whether that is
// news.
func (s *Store) MarkPending(ctx context.Context, id uuid.UUID, gatewayID string) (news bool, err error) {
	defer wrap(&err, "mark charge %s pending", id)
	result, err := s.db.ExecContext(ctx, `
		update charges set pending = true, gateway_id = coalesce(gateway_id, nullif($2, ''))
		where id = $1 and not pending and status in ('new', 'open', 'abandoned')`, id, gatewayID)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// Verdict is what the gateway says of a charge.
type Verdict struct {
	Status      ChargeStatus // ChargeCaptured, ChargeFailed, ChargeCancelled or ChargeAbandoned
	GatewayID   string       // empty if the gateway never knew the charge
	PaymentID   string       // of what took the money, if that has an id of its own
	AmountCents int64        // what was paid
	BackCents   int64        // of it, gone back already
	Currency    string
}

// Settled is what a verdict made of a charge and its order.
type Settled struct {
	Order  Order
	Charge ChargeStatus
	News   bool // the verdict changed something
}

// SettleCharge applies the gateway's verdict once, however often it comes.
// Money for a reserved order makes the order paid and its tickets valid, even past the deadline while the hold stands.
// Money for an order whose hold has ended is late: the generator decides (Leader.TakeLate). Any other money, and any
// amount but the one asked for or that is gone already, is surplus and is owed back at once. A declined card lengthens the hold, within bounds.
func (s *Store) SettleCharge(ctx context.Context, id uuid.UUID, v Verdict) (done Settled, err error) {
	defer wrap(&err, "settle charge %s", id)
	c, err := s.Charge(ctx, id)
	if err != nil {
		return Settled{}, err
	}
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		done = Settled{}
		o, err := lockOrder(ctx, tx, c.OrderID)
		if err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &c, `select `+chargeColumns+` from charges where id = $1 for update`, id); err != nil {
			return err
		}
		done.Order, done.Charge = o, verdictOn(c, o, v)
		if done.Charge == c.Status {
			return nil // a repeat, or too late to matter
		}
		done.News = true
		var paid *int64
		if v.Status == ChargeCaptured {
			paid = &v.AmountCents
		}
		if _, err := tx.ExecContext(ctx, `
			update charges set status = $2, gateway_id = coalesce(gateway_id, nullif($3, '')), paid_cents = $4,
				payment_id = coalesce(nullif($5, ''), payment_id), pending = false, settled_at = now(), looks = 0,
				next_look_at = now() + case when $4::bigint is null then interval '1 minute' else interval '1 day' end
			where id = $1`, id, done.Charge, v.GatewayID, paid, v.PaymentID); err != nil {
			return err
		}
		if paid != nil {
			if _, err := tx.ExecContext(ctx, bookCaptured, pq.StringArray{id.String()}); err != nil {
				return err
			}
		}
		switch done.Charge {
		case ChargeCaptured:
			return payOrder(ctx, tx, &done.Order, id)
		case ChargeSurplus:
			_, err := tx.ExecContext(ctx, oweSurplus, pq.StringArray{id.String()})
			return err
		case ChargeFailed:
			return lengthenForRetry(ctx, tx, &done.Order)
		}
		return nil
	})
	return done, err
}

// verdictOn is the state that a verdict takes a charge to; its present state if the verdict changes nothing.
func verdictOn(c Charge, o Order, v Verdict) ChargeStatus {
	switch {
	case c.Status == ChargeCaptured || c.Status == ChargeLate || c.Status == ChargeSurplus:
		return c.Status // the money is here
	case v.Status == ChargeCaptured && (v.AmountCents != c.AmountCents || v.Currency != c.Currency):
		return ChargeSurplus
	case v.Status == ChargeCaptured && v.BackCents >= v.AmountCents: // it is gone before it bought anything
		return ChargeSurplus
	case v.Status == ChargeCaptured && o.Status == Reserved:
		return ChargeCaptured
	case v.Status == ChargeCaptured && o.Status == Expired:
		return ChargeLate
	case v.Status == ChargeCaptured:
		return ChargeSurplus
	case c.Status == ChargeFailed || c.Status == ChargeCancelled:
		return c.Status // it has ended; only money would be news
	}
	return v.Status
}

func payOrder(ctx context.Context, tx *sqlx.Tx, o *Order, chargeID uuid.UUID) error {
	if err := tx.GetContext(ctx, o, `
		update orders set status = 'paid', paid_at = now() where id = $1 and status = 'reserved' returning `+orderColumns, o.ID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update tickets set status = 'valid' where order_id = $1 and status = 'reserved'`, o.ID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, bookFee, pq.StringArray{chargeID.String()}); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, oweLetters, LetterPaid, pq.StringArray{o.ID.String()})
	return err
}
