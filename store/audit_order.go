package store

// orderNamesRule: an order's account and event exist, and the type is the event's. No foreign key watches over the
// account, because orders are written in a rush.
const orderNamesRule = `
	select format('event %s, order %s', o.event_id, o.id) as place, 'its account, its event and the event''s type' as expected,
		concat_ws(', ', case when a.id is null then 'no account' end, case when e.id is null then 'no event' end,
			case when t.id is null then 'no such type' end) as actual
	from orders o left join accounts a on a.id = o.account_id left join events e on e.id = o.event_id
	left join ticket_types t on t.id = o.ticket_type_id and t.event_id = o.event_id
	where a.id is null or e.id is null or t.id is null`

// momentsRule: each state has its timestamps, on which deadlines, refunds and the order of deciding rest.
const momentsRule = `
	select format('event %s, order %s', event_id, id) as place, format('the moments of an order that is %s', status) as expected,
		concat_ws(', ', case when decision is null or decided_at is null then 'not decided' end,
			case when reserved_until is null then 'no deadline' end, case when paid_at is null then 'not paid' end,
			case when ended_at is null then 'not ended' end, case when waited_at is null then 'did not wait' end) as actual
	from orders
	where (decision is null or decided_at is null) and status not in ('queued', 'waiting', 'left', 'cancelled')
		or reserved_until is null and status in ('reserved', 'expired')
		or paid_at is null and status in ('paid', 'refunded')
		or ended_at is null and status in ('expired', 'refunded')
		or waited_at is null and status = 'waiting'`

// limitRule: one place per person. The limit holds across all of an account's orders for an event; it may have changed
// between them, so the greatest counts.
const limitRule = `
	select format('event %s, order number %s', event_id, max(number)) as place,
		format('at most %s tickets of its account', max(per_person)) as expected, sum(quantity - returned)::text as actual
	from orders where ` + orderGives + `
	group by event_id, account_id having sum(quantity - returned) > max(per_person)`

// openOrdersRule: one place per person. An account has at most one open order for an event.
const openOrdersRule = `
	select format('event %s, order number %s', event_id, max(number)) as place,
		'one open order of its account' as expected, count(*)::text as actual
	from orders where ` + orderIsOpen + `
	group by event_id, account_id having count(*) > 1`
