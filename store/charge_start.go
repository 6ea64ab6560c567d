package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// StartCharge writes the charge that will be asked of the gateway, or finds the open one.
// ErrState if the order is not the account's reserved one, its time to pay is over or its event is cancelled; ErrNotFound.
func (s *Store) StartCharge(ctx context.Context, orderID uuid.UUID, accountID int64, gateway, method string) (c Charge, err error) {
	defer wrap(&err, "start charge of order %s", orderID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if o.AccountID != accountID {
			return ErrNotFound
		}
		if o.Status != Reserved || o.AmountCents() == 0 {
			return ErrState
		}
		var open []Charge
		if err := tx.SelectContext(ctx, &open,
			`select `+chargeColumns+` from charges where order_id = $1 and `+chargeIsOpen+``, orderID); err != nil {
			return err
		}
		if len(open) > 0 {
			c = open[0]
			return nil
		}
		var charges []Charge
		if err := tx.SelectContext(ctx, &charges, `
			insert into charges (order_id, gateway, method, amount_cents, currency, expires_at)
			select id, $2, $3, amount_cents, currency, reserved_until from orders
			where id = $1 and `+holdStands+` and exists (select from events where id = orders.event_id and status <> 'cancelled')
			returning `+chargeColumns, orderID, gateway, method); err != nil {
			return err
		}
		if len(charges) == 0 {
			return ErrState
		}
		c = charges[0]
		return nil
	})
	return c, err
}

// RecordCharge records what the gateway answered when it made the charge.
// ErrState if the charge was given up meanwhile: the caller then cancels it at the gateway.
func (s *Store) RecordCharge(ctx context.Context, id uuid.UUID, gatewayID, payURL, pixCode string) (err error) {
	defer wrap(&err, "open charge %s", id)
	return changed(s.db.ExecContext(ctx, `
		update charges set status = 'open', gateway_id = $2, pay_url = $3, pix_code = $4
		where id = $1 and (status = 'new' or (status = 'open' and gateway_id = $2))`, id, gatewayID, payURL, pixCode))
}
