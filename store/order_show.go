package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Order reads a decided order with its tickets, its newest charge and its refunds.
func (s *Store) Order(ctx context.Context, id uuid.UUID) (o Order, err error) {
	defer wrap(&err, "order %s", id)
	return one(s.orders(ctx, `where id = $1`, id))
}

// Orders reads those of the orders that have a row, with all that belongs to them, in no particular order.
func (s *Store) Orders(ctx context.Context, ids []uuid.UUID) (_ []Order, err error) {
	defer wrap(&err, "%d orders", len(ids))
	texts := make(pq.StringArray, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return s.orders(ctx, `where id = any($1)`, texts)
}

// AccountOrders lists an account's decided orders, the newest first.
func (s *Store) AccountOrders(ctx context.Context, accountID int64) (_ []Order, err error) {
	defer wrap(&err, "orders of account %d", accountID)
	return s.orders(ctx, `where account_id = $1 order by accepted_at desc limit 200`, accountID)
}

// EventOrders lists some of an event's decided orders by number, the newest first; status may be empty.
func (s *Store) EventOrders(ctx context.Context, eventID int64, status OrderStatus, span Span, limit int) (_ []Order, err error) {
	defer wrap(&err, "orders of event %d", eventID)
	if span.After > 0 {
		newer, err := s.orders(ctx, `where event_id = $1 and ($2 = '' or status = $2) and number > $3 order by number limit $4`,
			eventID, status, span.After, limit)
		slices.Reverse(newer)
		return newer, err
	}
	return s.orders(ctx, `where event_id = $1 and ($2 = '' or status = $2) and number < $3 order by number desc offset $4 limit $5`,
		eventID, status, span.before(), span.Skip, limit)
}

// orders reads orders and, in a few more queries, what belongs to them.
func (s *Store) orders(ctx context.Context, where string, args ...any) ([]Order, error) {
	var orders []Order
	if err := s.db.SelectContext(ctx, &orders, `select `+orderColumns+` from orders `+where, args...); err != nil {
		return nil, err
	}
	at := make(map[uuid.UUID]*Order, len(orders))
	ids := make(pq.StringArray, len(orders))
	for i := range orders {
		at[orders[i].ID], ids[i] = &orders[i], orders[i].ID.String()
	}
	var tickets []Ticket
	if err := s.db.SelectContext(ctx, &tickets,
		`select `+ticketColumns+` from tickets where order_id = any($1) order by number`, ids); err != nil {
		return nil, err
	}
	for _, t := range tickets {
		o := at[t.OrderID]
		o.Tickets = append(o.Tickets, t)
	}
	var charges []Charge
	if err := s.db.SelectContext(ctx, &charges, `select distinct on (order_id) `+chargeColumns+`
		from charges where order_id = any($1) order by order_id, created_at desc`, ids); err != nil {
		return nil, err
	}
	for i, c := range charges {
		at[c.OrderID].Charge = &charges[i]
	}
	if err := errors.Join(s.readTold(ctx, charges), s.readRefused(ctx, at)); err != nil {
		return nil, err
	}
	var refunds []Refund
	if err := s.db.SelectContext(ctx, &refunds,
		`select `+refundColumns+` from refunds where order_id = any($1) order by asked_at`, ids); err != nil {
		return nil, err
	}
	for _, r := range refunds {
		o := at[r.OrderID]
		o.Refunds = append(o.Refunds, r)
	}
	return orders, nil
}

// lockOrder reads an order and locks it until the transaction ends. Every transaction that changes an order locks it
// first, and its charges and tickets afterwards, so that none deadlock.
func lockOrder(ctx context.Context, tx *sqlx.Tx, id uuid.UUID) (o Order, err error) {
	err = tx.GetContext(ctx, &o, `select `+orderColumns+` from orders where id = $1 for update`, id)
	return o, err
}

// readTold finds out which orders have notices that nobody has looked into yet, about whichever of their charges: the code
// of an earlier one may have been paid while it was given up.
func (s *Store) readTold(ctx context.Context, charges []Charge) error {
	at, ids := map[uuid.UUID]*Charge{}, pq.StringArray{}
	for i, c := range charges {
		at[c.OrderID] = &charges[i]
		if c.Status != ChargeCaptured && c.Status != ChargeSurplus {
			ids = append(ids, c.OrderID.String())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var told []struct {
		OrderID    uuid.UUID
		ReceivedAt time.Time
	}
	err := s.db.SelectContext(ctx, &told, `select c.order_id, min(n.received_at) as received_at
		from notices n join charges c on c.id = n.charge_id where n.handled_at is null and c.order_id = any($1) group by c.order_id`, ids)
	for _, n := range told {
		at[n.OrderID].Told = &n.ReceivedAt
	}
	return err
}
