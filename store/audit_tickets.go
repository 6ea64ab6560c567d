package store

// orderTicketsRule: tickets are orders. An order has the tickets that its state implies, and none if it never held any.
// One that waited again after its hold had ended has those of each hold, all but the last void.
const orderTicketsRule = `
	select format('event %s, order %s', o.event_id, o.id) as place,
		format('tickets of an order of %s that is %s', o.quantity, o.status) as expected,
		format('%s reserved, %s valid, %s given back, %s undone', o.reserved, o.valid, o.refunded, o.undone) as actual
	from (
		select o.*, coalesce(t.reserved, 0) as reserved, coalesce(t.valid, 0) as valid,
			coalesce(t.refunded, 0) as refunded, coalesce(t.undone, 0) as undone, coalesce(t.tickets, 0) as tickets
		from orders o left join (
			select order_id, count(*) as tickets,
				count(*) filter (where status = 'reserved') as reserved,
				count(*) filter (where ` + ticketStands + `) as valid,
				count(*) filter (where status = 'void' and refund_id is not null) as refunded,
				count(*) filter (where status = 'void' and refund_id is null) as undone
			from tickets group by order_id) t on t.order_id = o.id) o
	where not case
		when undone > quantity and waited_at is null or undone % quantity <> 0 then false
		when status = 'reserved' then reserved = quantity and tickets = quantity + undone and (undone = 0 or waited_at is not null)
		when status in ('paid', 'refunded') then reserved = 0 and valid + refunded = quantity
			and (undone = 0 or waited_at is not null) and (status = 'paid' or valid = 0)
		when status in ('expired', 'left', 'cancelled', 'waiting', 'sold_out') and reserved_until is not null then undone > 0 and tickets = undone
		else tickets = 0 end`

// ticketOrderRule: a ticket repeats what its order says. No foreign key watches over it, because tickets are written in
// a rush.
const ticketOrderRule = `
	select format('event %s, ticket %s', t.event_id, t.id) as place,
		case when o.id is null then 'its order' else format('type %s of event %s for the account of order %s', o.ticket_type_id, o.event_id, o.id) end as expected,
		case when o.id is null then 'none' else format('type %s of event %s%s', t.ticket_type_id, t.event_id,
			case when t.account_id <> o.account_id then ' for another account' else '' end) end as actual
	from tickets t left join orders o on o.id = t.order_id
	where o.id is null or (t.event_id, t.ticket_type_id, t.account_id) <> (o.event_id, o.ticket_type_id, o.account_id)`

// ticketNumbersRule: each number up to the line's last one belongs to exactly one ticket.
const ticketNumbersRule = `
	select format('event %s, ticket number %s', event_id, number) as place,
		format('number %s', before + 1) as expected, format('number %s', number) as actual
	from (select event_id, number, lag(number, 1, 0::bigint) over (partition by event_id order by number) as before from tickets) t
	where number <> before + 1
	union all
	select format('event %s', e.id), format('%s as the last ticket number', coalesce(t.last, 0)), coalesce(l.last_ticket::text, 'no line')
	from events e left join lines l on l.event_id = e.id
	left join lateral (select max(number) as last from tickets where event_id = e.id) t on true
	where l.last_ticket is distinct from coalesce(t.last, 0)`

// ticketTurnsRule: first in, first served, as seen from outside. The numbers of an order's tickets are consecutive, and
// rise in order of decision. Orders that were paid late are left out, since they got their tickets when the money came, and
// so are those that had a second hold.
const ticketTurnsRule = `
	select format('event %s, order %s', event_id, id) as place,
		format('%s tickets with numbers after %s', tickets, coalesce(before, 0)) as expected,
		format('numbers %s to %s', first, last) as actual
	from (
		select o.event_id, o.id, t.tickets, t.first, t.last, max(t.last) over (partition by o.event_id order by o.decision
			rows between unbounded preceding and 1 preceding) as before
		from orders o join (select order_id, count(*) as tickets, min(number) as first, max(number) as last
			from tickets group by order_id) t on t.order_id = o.id
		where o.decision is not null and (t.tickets <= o.quantity or o.waited_at is null) and not coalesce(o.paid_at > o.reserved_until, false)) t
	where first <= before or last - first + 1 <> tickets`
