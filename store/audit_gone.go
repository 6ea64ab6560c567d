package store

// goneRule: what left the gateway without us is booked, and covers no more than it is.
const goneRule = `
	select format('order %s, charge %s', c.order_id, c.id) as place,
		format('%s elsewhere, %s disputed', c.elsewhere_cents, c.disputed_cents) as expected,
		format('%s, %s, and %s covered by it', coalesce(l.elsewhere, 0), coalesce(l.disputed, 0), coalesce(r.covered, 0)) as actual
	from charges c
	left join (select charge_id,
			sum(case kind when 'elsewhere' then amount_cents when 'elsewhere_back' then -amount_cents end) as elsewhere,
			sum(case kind when 'disputed' then amount_cents when 'dispute_won' then -amount_cents end) as disputed
		from ledger where kind in ('elsewhere', 'elsewhere_back', 'disputed', 'dispute_won') group by charge_id) l on l.charge_id = c.id
	left join (select charge_id, sum(covered_cents) as covered from refunds where covered_cents > 0 group by charge_id) r on r.charge_id = c.id
	where coalesce(l.elsewhere, 0) <> c.elsewhere_cents or coalesce(l.disputed, 0) <> c.disputed_cents
		or coalesce(r.covered, 0) > c.elsewhere_cents + c.disputed_cents`

// leftRule: the gateway holds what our rows say. Where a refund is under way, or came after the gateway was asked, it is
// asked again.
const leftRule = `
	select format('order %s, charge %s', c.order_id, c.id) as place, format('%s left by our rows', l.cents) as expected,
		format('%s, said %s at %s', c.left_cents, c.gateway, c.left_at) as actual
	from charges c join (select charge_id, sum(case
			when kind in ('captured', 'refund_covered', 'refund_failed', 'elsewhere_back', 'dispute_won') then amount_cents
			when kind in ('refund_sent', 'elsewhere', 'disputed') then -amount_cents end) as cents
		from ledger group by charge_id) l on l.charge_id = c.id
	where c.status in ('captured', 'surplus') and c.left_cents <> l.cents
		and not exists (select from refunds r where r.charge_id = c.id and (` + refundUnderWay + ` or r.done_at >= c.left_at))`

// blockedRule: nobody enters with a ticket whose payer's bank has its money.
const blockedRule = `
	select format('event %s, ticket %s', t.event_id, t.id) as place, 'blocked' as expected, t.status as actual
	from charges c join tickets t on t.order_id = c.order_id
	where c.status = 'captured' and c.disputed_cents > 0 and t.status = 'valid' and t.blocked_at is null`
