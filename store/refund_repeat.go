package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// FanRefunds are the fan's own refunds of tickets of an order, all of its tickets if no ids are given. There are none
// unless each of those tickets was taken back by one: then asking again asks for what was done.
func (s *Store) FanRefunds(ctx context.Context, orderID uuid.UUID, ticketIDs []int64) (refunds []Refund, err error) {
	defer wrap(&err, "refunds of tickets of order %s", orderID)
	err = s.db.SelectContext(ctx, &refunds, `
		with asked as (
			select refund_id in (select id from refunds where order_id = $1 and reason = 'fan') is true as back, refund_id
			from tickets where order_id = $1 and ($3 or id = any($2)))
		select `+refundColumns+` from refunds
		where id in (select refund_id from asked) and not exists (select from asked where not back)`,
		orderID, pq.Int64Array(ticketIDs), len(ticketIDs) == 0)
	return refunds, err
}
