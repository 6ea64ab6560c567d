package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// RefuseCharge ends a charge that the gateway will never make, and keeps its reason.
func (s *Store) RefuseCharge(ctx context.Context, id uuid.UUID, reason string) (err error) {
	defer wrap(&err, "refuse charge %s", id)
	_, err = s.db.ExecContext(ctx, `
		update charges set status = 'cancelled', refusal = $2, settled_at = now(), looks = 0, next_look_at = now() + interval '1 minute'
		where id = $1 and status = 'new'`, id, reason)
	return err
}

// RefusedMethod is a way to pay that the gateway refused to an order, or to its account for a reason that lies there.
type RefusedMethod struct {
	OrderID uuid.UUID
	Gateway string
	Method  string
	Reason  string
}

// readRefused finds the ways to pay that are refused to reserved orders, as far as nothing since says otherwise.
func (s *Store) readRefused(ctx context.Context, orders map[uuid.UUID]*Order) error {
	var ids pq.StringArray
	for id, o := range orders {
		if o.Status == Reserved {
			ids = append(ids, id.String())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var refused []RefusedMethod
	err := s.db.SelectContext(ctx, &refused, `
		select distinct on (o.id, c.gateway, c.method) o.id as order_id, c.gateway, c.method, c.refusal as reason
		from charges c join orders was on was.id = c.order_id join orders o on o.account_id = was.account_id and o.id = any($1)
		where c.refusal is not null and c.created_at > now() - interval '1 day'
			and (was.id = o.id or c.refusal in ('payer', 'same_payer', 'test_user'))
			and not exists (select from charges later join orders of on of.id = later.order_id where of.account_id = o.account_id
				and (later.gateway, later.method) = (c.gateway, c.method) and later.gateway_id is not null and later.created_at > c.created_at)
		order by o.id, c.gateway, c.method, c.created_at desc`, ids)
	for _, r := range refused {
		orders[r.OrderID].Refused = append(orders[r.OrderID].Refused, r)
	}
	return err
}

// Refusals are the charges that a gateway did not make lately, for one reason.
type Refusals struct {
	Gateway string
	Method  string
	Reason  string
	Charges int
	LastAt  time.Time
	OrderID uuid.UUID // of the last one
}

// RefusedCharges adds up the charges of the last days that gateways did not make, the newest reasons first.
func (s *Store) RefusedCharges(ctx context.Context) (refusals []Refusals, err error) {
	defer wrap(&err, "refused charges")
	err = s.db.SelectContext(ctx, &refusals, `
		select gateway, method, refusal as reason, count(*) as charges, max(created_at) as last_at,
			(array_agg(order_id order by created_at desc))[1] as order_id
		from charges where refusal is not null and created_at > now() - interval '7 days'
		group by gateway, method, refusal order by last_at desc`)
	return refusals, err
}

// GoneMoney is a charge whose money has gone back without us, all or part of it, or that a payer's bank argues about.
type GoneMoney struct {
	OrderID        uuid.UUID
	Event          string // its name
	Gateway        string
	PaidCents      int64
	ElsewhereCents int64
	Dispute        string
	DisputedCents  int64
	Currency       string
	SettledAt      time.Time
}

// GoneMoney lists the charges whose money has gone back without us, open disputes first and then the newest payments.
func (s *Store) GoneMoney(ctx context.Context, limit int) (gone []GoneMoney, err error) {
	defer wrap(&err, "gone money")
	err = s.db.SelectContext(ctx, &gone, `
		select c.order_id, e.name as event, c.gateway, c.paid_cents, c.elsewhere_cents, c.dispute, c.disputed_cents, c.currency, c.settled_at
		from charges c join orders o on o.id = c.order_id join events e on e.id = o.event_id
		where (c.elsewhere_cents > 0 or c.dispute <> '') order by c.dispute <> 'open', c.settled_at desc limit $1`, limit)
	return gone, err
}
