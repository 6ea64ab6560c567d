package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// owedRefund is a refund that is about to be written.
type owedRefund struct {
	ID       uuid.UUID
	OrderID  uuid.UUID // locked, and paid
	Reason   string
	AdminID  int64 // 0 if no admin did it
	Note     string
	Quantity int
	Cents    int64 // asked for; what is owed is at most what is left
}

var owedRow = columnsOf[owedRefund]()

// oweBack owes parts of what captured charges took, and books them. The price of tickets goes back before their fee. One
// statement is enough to see what else the orders owe, since they are locked. The refund of a free order owes nothing and
// is done at once.
func oweBack(ctx context.Context, tx *sqlx.Tx, owed ...owedRefund) (refunds []Refund, err error) {
	err = tx.SelectContext(ctx, &refunds, `
		with asked as (
			select d.*, o.event_id, o.currency, c.id as charge_id, c.gateway, l.price, l.fee,
				least(d.cents, l.price + l.fee) as amount, d.quantity * o.price_cents as tickets_price, d.quantity * o.fee_cents as tickets_fee
			from `+owedRow.unnest(1)+` join orders o on o.id = d.order_id
			left join charges c on c.order_id = o.id and c.status = 'captured'
			cross join lateral (
				select o.quantity * o.price_cents - coalesce(sum(amount_cents - fee_cents), 0)::bigint as price,
					o.quantity * o.fee_cents - coalesce(sum(fee_cents), 0)::bigint as fee
				from refunds where order_id = o.id and reason <> 'surplus') l),
		owed as (
			insert into refunds (id, order_id, charge_id, reason, account_id, note, quantity, amount_cents, fee_cents, status, done_at, released_at)
			select id, order_id, charge_id, reason, nullif(admin_id, 0), note, quantity, amount,
				greatest(amount - price, least(amount - tickets_price, tickets_fee, fee), 0),
				case when amount = 0 then 'done' else 'owed' end, case when amount = 0 then now() end, case when quantity = 0 then now() end
			from asked returning *),
		booked as (
			insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
			select a.event_id, a.order_id, a.gateway, a.charge_id, a.id, k.kind, k.cents, a.currency
			from owed w join asked a on a.id = w.id
			cross join lateral (values (1, 'refund_owed', w.amount_cents), (2, 'fee_returned', w.fee_cents)) k(n, kind, cents)
			where k.cents > 0 order by w.asked_at, k.n)
		select `+refundColumns+` from owed`, arrays(owedRow, owed)...)
	return refunds, err
}

// voidTickets voids the tickets of a refund.
func voidTickets(ctx context.Context, tx *sqlx.Tx, r Refund, ticketIDs []int64) error {
	_, err := tx.ExecContext(ctx, `update tickets set status = 'void', refund_id = $2 where id = any($1)`, pq.Int64Array(ticketIDs), r.ID)
	return err
}

// oweReceipt owes a letter that says what a refund took back and what comes for it.
func oweReceipt(ctx context.Context, tx *sqlx.Tx, kind LetterKind, r Refund) error {
	_, err := tx.ExecContext(ctx, `
		insert into letters (kind, subject, account_id, status) select $1, $2, account_id, 'due' from orders where id = $3`,
		kind, r.ID, r.OrderID)
	return err
}

// oweSurplus owes back what surplus charges took, and a letter that says so. $1 ids of charges
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
