package store

// capturedRule: payments are tickets. A paid order has exactly one captured charge, of its amount; no other order has one.
const capturedRule = `
	select format('event %s, order %s', o.event_id, o.id) as place,
		case when o.status in ('paid', 'refunded') and o.amount_cents > 0 then format('one captured charge of %s %s', o.amount_cents, o.currency)
			else format('no captured charge while %s', o.status) end as expected,
		case when c.charges = 1 then format('one of %s %s', c.amount, c.currency) else format('%s', coalesce(c.charges, 0)) end as actual
	from orders o left join (select order_id, count(*) as charges, min(amount_cents) as amount, min(currency) as currency
		from charges where status = 'captured' group by order_id) c on c.order_id = o.id
	where case when o.status in ('paid', 'refunded') and o.amount_cents > 0
		then (c.charges, c.amount, c.currency) is distinct from (1, o.amount_cents, o.currency)
		else c.charges is not null end`

// openChargesRule: once. Two charges that can both be paid would take the money twice.
const openChargesRule = `
	select format('order %s', order_id) as place, 'one open charge' as expected, count(*)::text as actual
	from charges where ` + chargeIsOpen + ` group by order_id having count(*) > 1`

// surplusRule: a payment ends as a ticket or as a refund. Money that buys nothing goes back, all of it, once.
const surplusRule = `
	select format('order %s, charge %s', c.order_id, c.id) as place,
		case when c.status = 'surplus' then format('one refund of surplus, of %s cents', c.paid_cents) else 'no refund of surplus' end as expected,
		format('%s of %s cents', coalesce(r.refunds, 0), coalesce(r.cents, 0)) as actual
	from charges c left join (select charge_id, count(*) as refunds, sum(amount_cents) as cents
		from refunds where reason = 'surplus' group by charge_id) r on r.charge_id = c.id
	where (r.refunds, r.cents) is distinct from (case when c.status = 'surplus' then 1 end, case when c.status = 'surplus' then c.paid_cents end)`

// lateRule: money that came too late becomes tickets or goes back, at once unless its event is paused.
const lateRule = `
	select format('order %s, charge %s', c.order_id, c.id) as place, 'decided within a minute' as expected,
		format('late since %s', c.settled_at) as actual
	from charges c join orders o on o.id = c.order_id join events e on e.id = o.event_id
	where c.status = 'late' and c.settled_at < now() - interval '1 minute' and not e.paused`

// refundRule: a refund returns its own order's money: the price of its tickets, with their fee if the order's policy says
// so, and without it or, inside the time of withdrawal, with it if not. A cancelled event returns what is left, at least
// that of its tickets. An admin may return any part, with or without tickets; later refunds have that much less.
const refundRule = `
	select format('order %s, refund %s', r.order_id, r.id) as place,
		format('%s %s of a charge of its order', r.status, r.reason) as expected,
		format('%s tickets, %s cents, %s of it fee%s%s%s', r.quantity, r.amount_cents, r.fee_cents,
			case when c.id is null then ', no charge' when c.order_id <> r.order_id then ', another order''s charge'
				else format(', charge %s', c.status) end,
			case when r.done_at is null then '' else ', done' end, case when r.settled_at is null then '' else ', settled' end) as actual
	from refunds r join orders o on o.id = r.order_id left join charges c on c.id = r.charge_id
	cross join lateral (select exists (select from refunds a where a.order_id = r.order_id and a.reason = 'admin') as by_admin,
		r.quantity * o.price_cents as price, r.quantity * o.fee_cents as fee) p
	where c.id is null and r.amount_cents > 0
		or c.order_id <> r.order_id
		or c.status <> case when r.reason = 'surplus' then 'surplus' else 'captured' end
		or r.reason = 'surplus' and (r.quantity <> 0 or r.fee_cents <> 0)
		or r.reason = 'fan' and (r.quantity = 0 or r.amount_cents > price + fee or not by_admin
			and (r.amount_cents <> price + r.fee_cents or r.fee_cents <> fee and (o.refund_fee or r.fee_cents <> 0)))
		or r.reason = 'cancelled' and (r.quantity = 0 and r.amount_cents = 0
			or not by_admin and (r.amount_cents < price + fee or r.fee_cents < fee))
		or r.reason = 'admin' and (r.account_id is null or r.quantity = 0 and r.amount_cents = 0)
		or (r.status = 'done') <> (r.done_at is not null)`

// refundSumRule: no captured charge returns more than it took, nor more fee than it took as fee.
const refundSumRule = `
	select format('order %s, charge %s', c.order_id, c.id) as place,
		format('at most %s cents back, %s of it fee', c.amount_cents, o.quantity * o.fee_cents) as expected,
		format('%s, %s', sum(r.amount_cents), sum(r.fee_cents)) as actual
	from charges c join refunds r on r.charge_id = c.id join orders o on o.id = c.order_id where c.status = 'captured'
	group by c.order_id, c.id, c.amount_cents, o.quantity, o.fee_cents having sum(r.amount_cents) > c.amount_cents or sum(r.fee_cents) > o.quantity * o.fee_cents`

// refundTicketsRule: the tickets of a refund belong to its order and are void.
const refundTicketsRule = `
	select format('order %s, refund %s', r.order_id, r.id) as place, format('%s void tickets of its order', r.quantity) as expected,
		format('%s of %s', coalesce(t.void, 0), coalesce(t.tickets, 0)) as actual
	from refunds r left join (
		select k.refund_id, count(*) as tickets, count(*) filter (where k.status = 'void' and k.order_id = f.order_id) as void
		from tickets k join refunds f on f.id = k.refund_id group by k.refund_id) t on t.refund_id = r.id
	where coalesce(t.tickets, 0) <> r.quantity or coalesce(t.void, 0) <> r.quantity`

// returnedRule: an order counts the tickets that the generator took back, and is refunded once that is all of them.
const returnedRule = `
	select format('event %s, order %s', o.event_id, o.id) as place,
		format('%s of %s returned', coalesce(r.returned, 0), o.quantity) as expected, format('%s, %s', o.returned, o.status) as actual
	from orders o left join (select order_id, sum(quantity) as returned from refunds where released_at is not null group by order_id) r
		on r.order_id = o.id
	where o.returned <> coalesce(r.returned, 0) or (o.status = 'refunded') <> (o.returned = o.quantity)`

// attemptsRule: a refund that has an end has no attempt without one, and what was done was done by one attempt.
const attemptsRule = `
	select format('order %s, refund %s', r.order_id, r.id) as place, format('the attempts of a refund that is %s', r.status) as expected,
		format('%s open, %s done', a.open, a.done) as actual
	from refunds r join (select refund_id, count(*) filter (where result is null) as open, count(*) filter (where result = 'done') as done
		from refund_attempts group by refund_id) a on a.refund_id = r.id
	where r.status in ('done', 'settled') and a.open > 0 or r.status <> 'done' and a.done > 0 or a.done > 1`
