package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Notice is a hint from the payment API that a charge has news. It names the charge by our id, by the gateway's or by both.
type Notice struct {
	Gateway   string
	EventID   string // equal for repeats
	ChargeID  uuid.NullUUID
	GatewayID string // of the charge; may be empty
}

// SaveNotice stores a notice; repeats and notices about no charge of ours are ignored. It returns whether there is work
// to do, and on which charge: none if only the gateway can tell.
func (s *Store) SaveNotice(ctx context.Context, n Notice) (chargeID uuid.NullUUID, fresh bool, err error) {
	defer wrap(&err, "save notice")
	var saved []uuid.NullUUID
	err = s.db.SelectContext(ctx, &saved, `
		insert into notices (gateway, event_id, charge_id, gateway_id)
		select $1, $2, c.id, nullif($4, '') from (values (1)) one
			left join charges c on c.gateway = $1 and case when $3::uuid is null then c.gateway_id = $4 else c.id = $3 end
		where c.id is not null or $3::uuid is null
		on conflict do nothing returning charge_id`, n.Gateway, n.EventID, n.ChargeID, n.GatewayID)
	if err != nil || len(saved) == 0 {
		return chargeID, false, err
	}
	return saved[0], true, nil
}

// ChargeOrder is the order that a charge is for, and its event.
func (s *Store) ChargeOrder(ctx context.Context, chargeID uuid.UUID) (orderID uuid.UUID, eventID int64, err error) {
	defer wrap(&err, "order of charge %s", chargeID)
	err = s.db.QueryRowxContext(ctx, `select o.id, o.event_id from charges c join orders o on o.id = c.order_id where c.id = $1`,
		chargeID).Scan(&orderID, &eventID)
	return orderID, eventID, err
}

// noticeWaits says that there is a notice about a charge of the order in a row of orders, whichever of its charges it is
// about, that nobody has looked into yet.
const noticeWaits = `exists (select from charges c join notices n on n.charge_id = c.id where c.order_id = orders.id and n.handled_at is null)`

// OrderNotices are what nobody has looked into yet and may tell of money for an order: its charges with notices, and the
// notices of their gateways that only the gateway can match with a charge, the oldest first.
func (s *Store) OrderNotices(ctx context.Context, orderID uuid.UUID, limit int) (charges []uuid.UUID, nameless []Notice, err error) {
	defer wrap(&err, "notices for order %s", orderID)
	if err := s.db.SelectContext(ctx, &nameless, namelessNotice+` and exists (
			select from charges c where c.order_id = $1 and c.gateway = notices.gateway and c.`+chargeIsOpen+`
				and notices.received_at >= c.created_at)
		order by received_at limit $2`, orderID, limit); err != nil {
		return nil, nil, err
	}
	err = s.db.SelectContext(ctx, &charges, `select distinct c.id from charges c join notices n on n.charge_id = c.id
		where c.order_id = $1 and n.handled_at is null`, orderID)
	return charges, nameless, err
}

// namelessNotice is a notice that only the gateway can match with a charge.
const namelessNotice = `select gateway, event_id, gateway_id from notices where handled_at is null and charge_id is null`

// NamelessNotices lists the notices that only the gateway can match with a charge, the oldest first.
func (s *Store) NamelessNotices(ctx context.Context, limit int) (notices []Notice, err error) {
	defer wrap(&err, "nameless notices")
	err = s.db.SelectContext(ctx, &notices,
		namelessNotice+` and received_at < now() - interval '2 seconds' order by received_at limit $1`, limit)
	return notices, err
}

// NamelessNotice reads one of them; ErrNotFound once its charge is known or it has been handled.
func (s *Store) NamelessNotice(ctx context.Context, gateway, eventID string) (n Notice, err error) {
	defer wrap(&err, "nameless notice")
	err = s.db.GetContext(ctx, &n, namelessNotice+` and gateway = $1 and event_id = $2`, gateway, eventID)
	return n, err
}

// NameNotice records which charge a notice is about, and returns whether it is one of ours. If not, the notice is done
// with.
func (s *Store) NameNotice(ctx context.Context, n Notice, chargeID uuid.UUID) (ours bool, err error) {
	defer wrap(&err, "name notice")
	err = s.db.GetContext(ctx, &ours, `
		update notices n set charge_id = c.id, handled_at = case when c.id is null then now() end
		from (values (1)) one left join charges c on c.gateway = $1 and c.id = $3
		where n.gateway = $1 and n.event_id = $2 returning c.id is not null`, n.Gateway, n.EventID, chargeID)
	return ours, err
}

// HandleNotices marks those notices of a charge as handled that came before the gateway was asked.
func (s *Store) HandleNotices(ctx context.Context, chargeID uuid.UUID, asked time.Time) (err error) {
	defer wrap(&err, "handle notices of charge %s", chargeID)
	_, err = s.db.ExecContext(ctx, `
		update notices set handled_at = now() where charge_id = $1 and handled_at is null and received_at <= $2`, chargeID, asked)
	return err
}

// UnhandledNotices lists charges with notices that nobody has handled yet, the oldest first.
func (s *Store) UnhandledNotices(ctx context.Context, limit int) (chargeIDs []uuid.UUID, err error) {
	defer wrap(&err, "unhandled notices")
	err = s.db.SelectContext(ctx, &chargeIDs, `select charge_id from notices
		where handled_at is null and charge_id is not null and received_at < now() - interval '2 seconds' order by received_at limit $1`, limit)
	return chargeIDs, err
}
