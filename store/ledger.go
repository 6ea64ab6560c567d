package store

// Every movement of money is booked in the transaction that makes it. Each of these statements can be repeated, since the
// ledger takes a movement only once.

// bookCaptured books what charges took. $1 ids of charges
const bookCaptured = `
	insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
	select o.event_id, o.id, c.gateway, c.id, 'captured', c.paid_cents, c.currency
	from charges c join orders o on o.id = c.order_id where c.id = any($1::uuid[]) and c.paid_cents > 0
	on conflict do nothing`

// bookFee books the part of captured charges that is fee. $1 ids of charges
const bookFee = `
	insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
	select o.event_id, o.id, c.gateway, c.id, 'fee', o.quantity * o.fee_cents, c.currency
	from charges c join orders o on o.id = c.order_id
	where c.id = any($1::uuid[]) and c.status = 'captured' and o.fee_cents > 0
	on conflict do nothing`
