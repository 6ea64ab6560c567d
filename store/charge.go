package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// StartCharge writes the charge that will be asked of the gateway, or finds the open one.
// ErrState if the order is not the account's reserved one or its time to pay is over; ErrNotFound.
func (s *Store) StartCharge(ctx context.Context, orderID uuid.UUID, accountID int64, gateway string) (c Charge, err error) {
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
			`select `+chargeColumns+` from charges where order_id = $1 and status in ('new', 'open')`, orderID); err != nil {
			return err
		}
		if len(open) > 0 {
			c = open[0]
			return nil
		}
		var charges []Charge
		if err := tx.SelectContext(ctx, &charges, `
			insert into charges (order_id, gateway, amount_cents, currency, expires_at)
			select id, $2, amount_cents, currency, reserved_until from orders
			where id = $1 and reserved_until > now() returning `+chargeColumns, orderID, gateway); err != nil {
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

// OpenCharge records what the gateway answered when it made the charge.
// ErrState if the charge was given up meanwhile: the caller then cancels it at the gateway.
func (s *Store) OpenCharge(ctx context.Context, id uuid.UUID, gatewayID, payURL, pixCode string) (err error) {
	defer wrap(&err, "open charge %s", id)
	return changed(s.db.ExecContext(ctx, `
		update charges set status = 'open', gateway_id = $2, pay_url = $3, pix_code = $4
		where id = $1 and (status = 'new' or (status = 'open' and gateway_id = $2))`, id, gatewayID, payURL, pixCode))
}

// Charge reads one charge.
func (s *Store) Charge(ctx context.Context, id uuid.UUID) (c Charge, err error) {
	defer wrap(&err, "charge %s", id)
	err = s.db.GetContext(ctx, &c, `select `+chargeColumns+` from charges where id = $1`, id)
	return c, err
}

// OpenCharges lists an order's charges that may still be paid.
func (s *Store) OpenCharges(ctx context.Context, orderID uuid.UUID) (charges []Charge, err error) {
	defer wrap(&err, "open charges of order %s", orderID)
	err = s.db.SelectContext(ctx, &charges,
		`select `+chargeColumns+` from charges where order_id = $1 and status in ('new', 'open')`, orderID)
	return charges, err
}

// StaleCharges lists the ids of charges that no notice has settled: older than an age, the oldest first.
func (s *Store) StaleCharges(ctx context.Context, age time.Duration, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "stale charges")
	err = s.db.SelectContext(ctx, &ids, `select id from charges where status in ('new', 'open', 'abandoned')
		and created_at < now() - make_interval(secs => $1) order by created_at limit $2`, age.Seconds(), limit)
	return ids, err
}

// Verdict is what the gateway says of a charge.
type Verdict struct {
	Status      ChargeStatus // ChargeCaptured, ChargeFailed, ChargeCancelled or ChargeAbandoned
	GatewayID   string       // empty if the gateway never knew the charge
	AmountCents int64        // what was paid
	Currency    string
}

// SettleCharge applies the gateway's verdict, once, however often it is told.
// Money for a reserved order makes the order paid and its tickets valid, even past the deadline while the hold stands.
// Any other money, or another amount than was asked, is surplus and is owed back at once.
// It returns the order as it is now and whether anything changed.
func (s *Store) SettleCharge(ctx context.Context, id uuid.UUID, v Verdict) (o Order, news bool, err error) {
	defer wrap(&err, "settle charge %s", id)
	c, err := s.Charge(ctx, id)
	if err != nil {
		return Order{}, false, err
	}
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if o, err = lockOrder(ctx, tx, c.OrderID); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &c, `select `+chargeColumns+` from charges where id = $1 for update`, id); err != nil {
			return err
		}
		status := v.Status
		switch {
		case c.Status == ChargeCaptured || c.Status == ChargeSurplus || c.Status == status:
			return nil // told before
		case status != ChargeCaptured && (c.Status == ChargeFailed || c.Status == ChargeCancelled):
			return nil // it has ended; only money would be news
		case status == ChargeCaptured && (o.Status != Reserved || v.AmountCents != c.AmountCents || v.Currency != c.Currency):
			status = ChargeSurplus
		}
		news = true
		if _, err := tx.ExecContext(ctx, `
			update charges set status = $2, gateway_id = coalesce(gateway_id, nullif($3, '')), settled_at = now() where id = $1`,
			id, status, v.GatewayID); err != nil {
			return err
		}
		switch status {
		case ChargeCaptured:
			return payOrder(ctx, tx, &o)
		case ChargeSurplus:
			_, err := tx.ExecContext(ctx, `
				insert into refunds (order_id, charge_id, reason, quantity, amount_cents, released_at)
				values ($1, $2, 'surplus', 0, $3, now())`, o.ID, id, v.AmountCents)
			return err
		}
		return nil
	})
	return o, news, err
}

func payOrder(ctx context.Context, tx *sqlx.Tx, o *Order) error {
	if err := tx.GetContext(ctx, o, `
		update orders set status = 'paid', paid_at = now() where id = $1 and status = 'reserved' returning `+orderColumns, o.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `update tickets set status = 'valid' where order_id = $1 and status = 'reserved'`, o.ID)
	return err
}

// Deadline is a hold whose time to pay is over.
type Deadline struct {
	OrderID       uuid.UUID
	ReservedUntil time.Time
	Charged       bool // it has an open charge, so that only the gateway knows whether it was paid
}

// OverdueHolds lists reserved orders whose time to pay is over, the oldest first, behind one that was listed before;
// the zero Deadline stands before all.
func (s *Store) OverdueHolds(ctx context.Context, behind Deadline, limit int) (holds []Deadline, err error) {
	defer wrap(&err, "overdue holds")
	err = s.db.SelectContext(ctx, &holds, `
		select o.id as order_id, o.reserved_until,
			exists (select from charges where order_id = o.id and status in ('new', 'open')) as charged
		from ticket_types t cross join lateral (
			select id, reserved_until from orders where ticket_type_id = t.id and status = 'reserved'
				and reserved_until between $1 and now() and (reserved_until, id) > ($1, $2)
			order by reserved_until, id limit $3) o
		order by o.reserved_until, o.id limit $3`, behind.ReservedUntil, behind.OrderID, limit)
	return holds, err
}
