package store

// Only orders that left before their turn may be decided early: they got nothing. What tells them from others that left
// is that they never had a deadline, which a hold would have set, and never waited.

// decisionsRule: nothing accepted is lost. Each decision that the line counted belongs to one order.
const decisionsRule = `
	select format('event %s, order number %s', event_id, number) as place,
		format('decision %s', before + 1) as expected, format('decision %s', decision) as actual
	from (select event_id, number, decision, lag(decision, 1, 0::bigint) over (partition by event_id order by decision) as before
		from orders where decision is not null) o
	where decision <> before + 1
	union all
	select format('event %s', e.id), format('%s as the last decision', coalesce(o.last, 0)), coalesce(l.last_decision::text, 'no line')
	from events e left join lines l on l.event_id = e.id
	left join lateral (select max(decision) as last from orders where event_id = e.id) o on true
	where l.last_decision is distinct from coalesce(o.last, 0)`

// turnsRule: first in, first served. An order that did not have to wait was decided after all with smaller numbers and
// before all with greater ones. An order that left the line, or whose event was cancelled, took nobody's turn.
const turnsRule = `
	select format('event %s, order %s', event_id, id) as place,
		format('number %s before %s', number, before) as expected, format('decision %s after it', decision) as actual
	from (
		select event_id, id, number, decision, waited_at, max(number) over (partition by event_id order by decision, number
			rows between unbounded preceding and 1 preceding) as before
		from orders
		where decision is not null and not (status in ('left', 'cancelled') and reserved_until is null)) o
	where number < before and waited_at is null`

// overtakenRule: first in, first served, on the return list too. While an order waits or is parked, no order behind it
// for as many tickets of the type or more gets any; smaller ones may pass. Each quantity that somebody waited for is
// compared by itself, in order of decision, undecided orders last.
const overtakenRule = `
	select format('event %s, order %s', event_id, id) as place,
		format('number %s before %s, which is no smaller', number, before) as expected, 'given tickets later, or none' as actual
	from (
		select o.event_id, o.id, o.number, o.quantity, o.decision, o.waited_at, o.status, w.quantity as wanted,
			max(o.number) filter (where o.reserved_until is not null or o.status in ('paid', 'refunded'))
				over (partition by o.ticket_type_id, w.quantity order by o.decision nulls last, o.number
				rows between unbounded preceding and 1 preceding) as before
		from (select distinct ticket_type_id, quantity from orders where waited_at is not null or status = 'queued') w
		join orders o on o.ticket_type_id = w.ticket_type_id and o.quantity >= w.quantity) o
	where number < before and quantity = wanted and (waited_at is not null or status = 'queued') and (decision is not null or status <> 'left')`

// numbersQuery: numbers count from 1 in each line and are given once. $1 and $2 are events and numbers that have no
// row yet; lost_numbers account for the rest. Beyond the last number whose turn came, nothing is missing yet.
const numbersQuery = `
	select case when first > before + 2 then format('event %s, numbers %s to %s', event_id, before + 1, first - 1)
			when first > before then format('event %s, number %s', event_id, first - 1)
			else format('event %s, number %s', event_id, number) end as place,
		'one order each' as expected, case when first > before then 'none' else 'two' end as actual
	from (
		select n.event_id, n.number, n.first, n.known, lag(n.number) over w as before, lag(n.known) over w as known_before
		from (
			select event_id, number, number as first, true as known from orders
			union all select event_id, number, number, false from unnest($1::bigint[], $2::bigint[]) as q(event_id, number)
			union all select event_id, last, first, false from lost_numbers
			union all select id, 0, 0, false from events) n
		join (select event_id, max(number) as last from orders
			where not (status = 'left' and reserved_until is null) group by event_id) turn on turn.event_id = n.event_id
		where n.number <= turn.last
		window w as (partition by n.event_id order by n.number, n.known)) n
	where first > before + 1 or number = before and known and known_before`

// lastNumberRule: numbers are given once even if Redis is lost, because the line goes on after the last number in Postgres.
const lastNumberRule = `
	select format('event %s', e.id) as place, format('at least %s as the last number', o.last) as expected,
		coalesce(l.last_number::text, 'no line') as actual
	from events e left join lines l on l.event_id = e.id
	join lateral (select max(number) as last from orders where event_id = e.id) o on o.last is not null
	where l.last_number is null or l.last_number < o.last`
