package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
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
			`select `+chargeColumns+` from charges where order_id = $1 and status in ('new', 'open')`, orderID); err != nil {
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
			where id = $1 and reserved_until > now() and exists (select from events where id = orders.event_id and status <> 'cancelled')
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

// StaleCharges lists the ids of charges that no notice has settled and that are due to be looked at, and puts their next
// look off, twice as long each time up to ten minutes. Those that ended without money are looked at five times more in
// the next hours, since money may come all the same, and its notice be lost.
func (s *Store) StaleCharges(ctx context.Context, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "stale charges")
	err = s.db.SelectContext(ctx, &ids, `
		update charges set looks = looks + 1, next_look_at = now() + case when status in ('failed', 'cancelled')
				then interval '5 minutes' * power(4, least(looks, 5))
				else least(interval '10 minutes', interval '15 seconds' * power(2, least(looks, 6))) end
		where id in (select id from charges
			where (status in ('new', 'open', 'abandoned') or status in ('failed', 'cancelled') and looks < 5) and next_look_at <= now()
			order by next_look_at limit $1 for update skip locked)
		returning id`, limit)
	return ids, err
}

// MarkPending records that the gateway is not sure yet about money that the fan has sent.
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
	AmountCents int64        // what was paid
	Currency    string
}

// Settled is what a verdict made of a charge and its order.
type Settled struct {
	Order  Order
	Charge ChargeStatus
	News   bool // it was not told before
}

// SettleCharge applies the gateway's verdict, once, however often it is told.
// Money for a reserved order makes the order paid and its tickets valid, even past the deadline while the hold stands.
// Money for one whose hold has ended is late: the generator decides (Leader.TakeLate). Any other money, or another
// amount than was asked, is surplus and is owed back at once. A declined card lengthens the hold, within bounds.
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
			return nil // told before, or no news any more
		}
		done.News = true
		var paid *int64
		if v.Status == ChargeCaptured {
			paid = &v.AmountCents
		}
		if _, err := tx.ExecContext(ctx, `
			update charges set status = $2, gateway_id = coalesce(gateway_id, nullif($3, '')), paid_cents = $4,
				pending = false, settled_at = now(), looks = 0, next_look_at = now() + interval '1 minute' where id = $1`, id, done.Charge, v.GatewayID, paid); err != nil {
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

// verdictOn is what a charge becomes by the gateway's word; what it is, if that is no news.
func verdictOn(c Charge, o Order, v Verdict) ChargeStatus {
	switch {
	case c.Status == ChargeCaptured || c.Status == ChargeLate || c.Status == ChargeSurplus:
		return c.Status // the money is here
	case v.Status == ChargeCaptured && (v.AmountCents != c.AmountCents || v.Currency != c.Currency):
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

// oweSurplus owes back what charges took for nothing, and the letter that says so. $1 ids of charges
const oweSurplus = `
	with owed as (
		insert into refunds (order_id, charge_id, reason, quantity, amount_cents, released_at)
		select order_id, id, 'surplus', 0, paid_cents, now() from charges where id = any($1::uuid[]) and status = 'surplus'
		returning id, order_id, charge_id, amount_cents),
	letter as (
		insert into letters (kind, subject, account_id)
		select 'surplus', w.id, o.account_id from owed w join orders o on o.id = w.order_id)
	insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
	select o.event_id, w.order_id, c.gateway, c.id, w.id, 'refund_owed', w.amount_cents, c.currency
	from owed w join charges c on c.id = w.charge_id join orders o on o.id = w.order_id`

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

// lengthenForRetry leaves a fan whose card was declined the time to try again, within what the event allows.
func lengthenForRetry(ctx context.Context, tx *sqlx.Tx, o *Order) error {
	var longer []Order
	err := tx.SelectContext(ctx, &longer, `
		update orders o set retry_extra = retry_extra + more, reserved_until = reserved_until + make_interval(secs => more)
		from (select e.id, least(e.retry_most - $3, ceil(e.retry_seconds - extract(epoch from $4 - now())))::int as more
			from events e where e.id = $2) e
		where o.id = $1 and o.status = 'reserved' and more > 0 returning o.`+orderColumns,
		o.ID, o.EventID, o.RetryExtra, o.ReservedUntil)
	if len(longer) > 0 {
		*o = longer[0]
	}
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
