package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// owedRefund is a refund that is about to be written.
type owedRefund struct {
	id       uuid.UUID
	orderID  uuid.UUID // locked, and paid
	reason   string
	adminID  int64 // 0 if nobody's act
	note     string
	quantity int
	cents    int64 // wished; never more than is left is owed
}

// oweBack owes parts of what captured charges took, and books that. The price of the tickets goes back before their fee.
// Its one statement sees what its orders owe already, since they are locked. Nothing is owed of a free order: its refund
// is done at once.
func oweBack(ctx context.Context, tx *sqlx.Tx, owed ...owedRefund) (refunds []Refund, err error) {
	var ids, orders, reasons, notes pq.StringArray
	var admins, quantities, cents pq.Int64Array
	for _, o := range owed {
		ids, orders = append(ids, o.id.String()), append(orders, o.orderID.String())
		reasons, notes = append(reasons, o.reason), append(notes, o.note)
		admins, quantities = append(admins, o.adminID), append(quantities, int64(o.quantity))
		cents = append(cents, o.cents)
	}
	err = tx.SelectContext(ctx, &refunds, `
		with asked as (
			select w.*, o.event_id, o.currency, c.id as charge_id, c.gateway, l.price, l.fee,
				least(w.cents, l.price + l.fee) as amount, w.quantity * o.price_cents as tickets_price, w.quantity * o.fee_cents as tickets_fee
			from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::bigint[])
				as w(id, order_id, reason, note, admin_id, quantity, cents)
			join orders o on o.id = w.order_id
			left join charges c on c.order_id = o.id and c.status = 'captured'
			cross join lateral (
				select o.quantity * o.price_cents - coalesce(sum(amount_cents - fee_cents), 0)::bigint as price,
					o.quantity * o.fee_cents - coalesce(sum(fee_cents), 0)::bigint as fee
				from refunds where order_id = o.id and reason <> 'surplus') l),
		owed as (
			insert into refunds (id, order_id, charge_id, reason, account_id, note, quantity, amount_cents, fee_cents, status, done_at)
			select id, order_id, charge_id, reason, nullif(admin_id, 0), note, quantity, amount,
				greatest(amount - price, least(amount - tickets_price, tickets_fee, fee), 0),
				case when amount = 0 then 'done' else 'owed' end, case when amount = 0 then now() end
			from asked returning *),
		booked as (
			insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
			select a.event_id, a.order_id, a.gateway, a.charge_id, a.id, k.kind, k.cents, a.currency
			from owed w join asked a on a.id = w.id
			cross join lateral (values (1, 'refund_owed', w.amount_cents), (2, 'fee_returned', w.fee_cents)) k(n, kind, cents)
			where k.cents > 0 order by w.asked_at, k.n)
		select `+refundColumns+` from owed`, ids, orders, reasons, notes, admins, quantities, cents)
	return refunds, err
}

// voidTickets takes the tickets of a refund back.
func voidTickets(ctx context.Context, tx *sqlx.Tx, r Refund, ticketIDs []int64) error {
	_, err := tx.ExecContext(ctx, `update tickets set status = 'void', refund_id = $2 where id = any($1)`, pq.Int64Array(ticketIDs), r.ID)
	return err
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
