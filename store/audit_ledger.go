package store

// The ledger repeats, row by row, what charges, refunds and tickets say. A free order moves no money and has no rows.

// ledgerChargesRule: the ledger has what each charge took and, of a captured one, how much of that is the order's fee.
const ledgerChargesRule = `
	select format('charge %s, %s', coalesce(c.id, l.charge_id), coalesce(c.kind, l.kind)) as place,
		case when c.id is null then 'no row' else format('%s %s of event %s, order %s by %s', c.cents, c.currency, c.event_id, c.order_id, c.gateway) end as expected,
		case when l.id is null then 'no row' else format('%s %s of event %s, order %s by %s', l.amount_cents, l.currency, l.event_id, l.order_id, l.gateway) end as actual
	from (select c.id, o.event_id, o.id as order_id, c.gateway, c.currency, k.kind, k.cents
		from charges c join orders o on o.id = c.order_id cross join lateral (values ('captured', c.paid_cents),
			('fee', case when c.status = 'captured' then o.quantity * o.fee_cents end)) k(kind, cents)
		where k.cents > 0) c
	full join (select * from ledger where kind in ('captured', 'fee')) l on l.charge_id = c.id and l.kind = c.kind
	where (c.event_id, c.order_id, c.gateway, c.currency, c.cents)
		is distinct from (l.event_id, l.order_id, l.gateway, l.currency, l.amount_cents)`

// ledgerRefundsRule: the ledger has what each refund owes, how much of that is fee and, once the gateway has confirmed it,
// that it was sent or settled outside, and how much of it had gone back without us. What came back is taken off.
const ledgerRefundsRule = `
	select format('refund %s, %s', coalesce(r.id, l.refund_id), coalesce(r.kind, l.kind)) as place,
		case when r.id is null then 'no row' else format('%s %s of event %s, charge %s by %s', r.cents, r.currency, r.event_id, r.charge_id, r.gateway) end as expected,
		case when l.refund_id is null then 'no row' else format('%s %s of event %s, charge %s by %s', l.amount_cents, l.currency, l.event_id, l.charge_id, l.gateway) end as actual
	from (select r.id, o.event_id, o.id as order_id, c.id as charge_id, c.gateway, c.currency, k.kind, k.cents
		from refunds r join orders o on o.id = r.order_id join charges c on c.id = r.charge_id
		cross join lateral (values ('refund_owed', r.amount_cents), ('fee_returned', r.fee_cents),
			('refund_sent', case r.status when 'done' then r.amount_cents when 'settled' then r.covered_cents end),
			('refund_outside', case when r.status = 'settled' then r.amount_cents - r.covered_cents end),
			('refund_covered', case when r.status in ('done', 'settled') then r.covered_cents end)) k(kind, cents)
		where k.cents > 0) r
	full join (select event_id, order_id, charge_id, refund_id, gateway, currency, k.kind, sum(k.sign * amount_cents) as amount_cents
		from ledger join (values ('refund_owed', 'refund_owed', 1), ('fee_returned', 'fee_returned', 1), ('refund_sent', 'refund_sent', 1),
			('refund_outside', 'refund_outside', 1), ('refund_failed', 'refund_sent', -1), ('refund_uncovered', 'refund_sent', -1),
			('refund_covered', 'refund_covered', 1), ('refund_uncovered', 'refund_covered', -1)) k(moved, kind, sign) on k.moved = ledger.kind
		group by event_id, order_id, charge_id, refund_id, gateway, currency, k.kind having sum(k.sign * amount_cents) <> 0) l
		on l.refund_id = r.id and l.kind = r.kind
	where (r.event_id, r.order_id, r.charge_id, r.gateway, r.currency, r.cents)
		is distinct from (l.event_id, l.order_id, l.charge_id, l.gateway, l.currency, l.amount_cents)`

// ledgerOrderRule: money is tickets. What was paid for an order and is not owed back equals the price of its standing
// tickets plus the fees that were kept for those given back. Releases before this one kept such a fee when the event was
// cancelled. Where an admin gave money back at will, it only must not be negative.
const ledgerOrderRule = `
	select format('event %s, order %s', event_id, id) as place, format('%s to %s cents kept', least_due, due) as expected,
		kept::text as actual
	from (
		select o.event_id, o.id, coalesce(l.captured, 0) - coalesce(l.owed, 0) as kept,
			case when o.status not in ('paid', 'refunded') then 0 when r.by_admin then o.amount_cents
				else coalesce(t.standing, 0) * (o.price_cents + o.fee_cents) + coalesce(r.fee_kept, 0) end as due,
			case when o.status not in ('paid', 'refunded') or r.by_admin or r.cancelled then 0
				else coalesce(t.standing, 0) * (o.price_cents + o.fee_cents) + coalesce(r.fee_kept, 0) end as least_due
		from orders o
		left join (select l.order_id, sum(l.amount_cents) filter (where l.kind = 'captured') as captured,
				sum(l.amount_cents) filter (where l.kind = 'refund_owed') as owed
			from ledger l join charges c on c.id = l.charge_id and c.status <> 'late' group by l.order_id) l on l.order_id = o.id
		left join (select order_id, count(*) as standing from tickets where ` + ticketStands + ` group by order_id) t
			on t.order_id = o.id
		left join (select r.order_id, bool_or(r.reason = 'admin') as by_admin, bool_or(r.reason = 'cancelled') as cancelled,
				sum(r.quantity * o.fee_cents - r.fee_cents) filter (where r.reason = 'fan' and not o.refund_fee) as fee_kept
			from refunds r join orders o on o.id = r.order_id group by r.order_id) r on r.order_id = o.id) o
	where kept not between least_due and due`
