package store

// stockRule: never oversold. The generator trusts the stock row, so that has to be what the orders add up to.
const stockRule = `
	select format('event %s, type %s', t.event_id, t.id) as place,
		format('%s held and %s sold of at most %s', coalesce(o.held, 0), coalesce(o.sold, 0), coalesce(s.capacity, 0)) as expected,
		format('%s taken', coalesce(s.taken::text, 'nothing')) as actual
	from ticket_types t left join stock s on s.ticket_type_id = t.id
	left join (select ticket_type_id,
			sum(quantity) filter (where status = 'reserved') as held,
			sum(quantity - returned) filter (where status in ('paid', 'refunded')) as sold
		from orders group by ticket_type_id) o on o.ticket_type_id = t.id
	where s.taken is distinct from coalesce(o.held, 0) + coalesce(o.sold, 0) or s.taken > s.capacity`

// stockTicketsRule: the stock, counted from tickets. One that was given back counts until the generator has returned it
// to the stock.
const stockTicketsRule = `
	select format('event %s, type %s', t.event_id, t.id) as place,
		format('%s tickets are out', coalesce(o.tickets, 0)) as expected,
		format('%s taken', s.taken) as actual
	from ticket_types t join stock s on s.ticket_type_id = t.id
	left join (select k.ticket_type_id, count(*) as tickets
		from tickets k left join refunds r on r.id = k.refund_id
		where k.status <> 'void' or r.id is not null and r.released_at is null
		group by k.ticket_type_id) o on o.ticket_type_id = t.id
	where s.taken <> coalesce(o.tickets, 0)`

// freeStockRule: honest line. No transaction leaves free stock that would do for a waiting order. What comes back to a
// cancelled event goes to nobody.
const freeStockRule = `
	select format('event %s, type %s', t.event_id, t.id) as place,
		format('nobody waits for %s tickets or fewer', s.capacity - s.taken) as expected,
		format('%s orders do', count(*)) as actual
	from ticket_types t join events e on e.id = t.event_id join stock s on s.ticket_type_id = t.id
	join orders o on o.ticket_type_id = t.id and o.status = 'waiting' and o.quantity <= s.capacity - s.taken
	where not e.paused and e.status <> 'cancelled'
	group by t.event_id, t.id, s.capacity, s.taken`
