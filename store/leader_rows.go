package store

import "github.com/lib/pq"

// orderArrays are the columns of decided orders for one insert. A moment that has not come is null.
type orderArrays struct {
	id, status, currency, accepted               pq.StringArray
	event, ticketType, account, number, quantity pq.Int64Array
	decision, price, fee, perPerson, hold        pq.Int64Array
	refundDays, refundH, before                  pq.Int64Array
	refundFee, keep                              pq.BoolArray
}

func newOrderArrays(n int) *orderArrays {
	ints := func() pq.Int64Array { return make(pq.Int64Array, 0, n) }
	texts := func() pq.StringArray { return make(pq.StringArray, 0, n) }
	return &orderArrays{
		id: texts(), status: texts(), currency: texts(), accepted: texts(),
		event: ints(), ticketType: ints(), account: ints(), number: ints(), quantity: ints(),
		decision: ints(), price: ints(), fee: ints(), perPerson: ints(), hold: ints(),
		refundDays: ints(), refundH: ints(), before: ints(),
		refundFee: make(pq.BoolArray, 0, n), keep: make(pq.BoolArray, 0, n),
	}
}

func (c *orderArrays) add(o Order) {
	c.id, c.status = append(c.id, o.ID.String()), append(c.status, string(o.Status))
	c.currency = append(c.currency, o.Currency)
	c.accepted = append(c.accepted, string(pq.FormatTimestamp(o.AcceptedAt)))
	c.event, c.ticketType = append(c.event, o.EventID), append(c.ticketType, o.TicketTypeID)
	c.account, c.number = append(c.account, o.AccountID), append(c.number, o.Number)
	c.quantity, c.decision = append(c.quantity, int64(o.Quantity)), append(c.decision, o.Decision)
	c.price, c.fee = append(c.price, o.PriceCents), append(c.fee, o.FeeCents)
	c.perPerson, c.hold = append(c.perPerson, int64(o.PerPerson)), append(c.hold, int64(o.HoldSeconds))
	c.refundDays, c.refundH = append(c.refundDays, int64(o.RefundDays)), append(c.refundH, int64(o.RefundHours))
	c.refundFee, c.keep, c.before = append(c.refundFee, o.RefundFee), append(c.keep, o.Keep), append(c.before, o.Before)
}

// insert writes the rows, and what was given out with them; the moments follow from now, as decided computes them.
func (c *orderArrays) insert(tx *leaderTx, gave *givenArrays) error {
	return tx.exec(writeGiven+`
		insert into orders (id, status, currency, accepted_at, event_id, ticket_type_id, account_id, number, before, quantity,
			decision, price_cents, fee_cents, per_person, hold_seconds, refund_days, refund_hours, refund_fee, keep,
			waited_at, decided_at, reserved_until, paid_at, ended_at)
		select id, status, currency, accepted, event, ticket_type, account, number, before, quantity,
			nullif(decision, 0), price, fee, per_person, hold, refund_days, refund_hours, refund_fee, keep,
			case when status = 'waiting' then now() end, case when decision > 0 then now() end,
			case when status = 'reserved' then now() + make_interval(secs => hold) end, case when status = 'paid' then now() end,
			case when status in ('left', 'cancelled') then now() end
		from unnest($13::uuid[], $14::text[], $15::text[], $16::timestamptz[], $17::bigint[], $18::bigint[], $19::bigint[],
			$20::bigint[], $21::int[], $22::bigint[], $23::bigint[], $24::bigint[], $25::int[], $26::int[], $27::int[], $28::int[],
			$29::bool[], $30::bool[], $31::bigint[])
			as d(id, status, currency, accepted, event, ticket_type, account, number, quantity,
				decision, price, fee, per_person, hold, refund_days, refund_hours, refund_fee, keep, before)`,
		append(gave.args(),
			c.id, c.status, c.currency, c.accepted, c.event, c.ticketType, c.account, c.number, c.quantity,
			c.decision, c.price, c.fee, c.perPerson, c.hold, c.refundDays, c.refundH, c.refundFee, c.keep, c.before)...)
}

// updateArrays are what a decision changes of rows that exist.
type updateArrays struct {
	id, status pq.StringArray
	decision   pq.Int64Array
}

func (c *updateArrays) add(o Order) {
	c.id, c.status = append(c.id, o.ID.String()), append(c.status, string(o.Status))
	c.decision = append(c.decision, o.Decision)
}

// update writes the rows, and what was given out with them.
func (c *updateArrays) update(tx *leaderTx, gave *givenArrays) error {
	return tx.exec(writeGiven+`
		update orders o set status = d.status, decision = nullif(d.decision, 0),
			waited_at = case when d.status = 'waiting' then now() else o.waited_at end,
			decided_at = case when d.decision > 0 then now() end,
			reserved_until = case when d.status = 'reserved' then now() + make_interval(secs => o.hold_seconds) end,
			paid_at = case when d.status = 'paid' then now() end
		from unnest($13::uuid[], $14::text[], $15::bigint[]) as d(id, status, decision) where o.id = d.id`,
		append(gave.args(), c.id, c.status, c.decision)...)
}

// givenArrays are what a batch gives out: tickets, the stock that they take, and how far the lines moved.
type givenArrays struct {
	order, status                      pq.StringArray // of the tickets
	event, ticketType, account, number pq.Int64Array
	taken                              map[int64]int64 // by ticket type
	lines                              struct{ event, decisions, tickets, number pq.Int64Array }
}

func newGivenArrays(n int) *givenArrays {
	ints := func() pq.Int64Array { return make(pq.Int64Array, 0, n) }
	texts := func() pq.StringArray { return make(pq.StringArray, 0, n) }
	return &givenArrays{
		order: texts(), status: texts(), event: ints(), ticketType: ints(), account: ints(), number: ints(),
		taken: map[int64]int64{},
	}
}

// give adds the tickets of a decided order. It returns the last number.
func (c *givenArrays) give(o *Order, last int64) int64 {
	c.taken[o.TicketTypeID] += int64(o.Quantity)
	for range o.Quantity {
		last++
		t := given(*o, last)
		o.Tickets = append(o.Tickets, t)
		c.order, c.status = append(c.order, t.OrderID.String()), append(c.status, string(t.Status))
		c.event, c.ticketType = append(c.event, t.EventID), append(c.ticketType, t.TicketTypeID)
		c.account, c.number = append(c.account, t.AccountID), append(c.number, t.Number)
	}
	return last
}

// advance notes how far a batch moved an event's line.
func (c *givenArrays) advance(event int64, from, to lastGiven, number int64) {
	l := &c.lines
	l.event, l.decisions = append(l.event, event), append(l.decisions, to.Decision-from.Decision)
	l.tickets, l.number = append(l.tickets, to.Ticket-from.Ticket), append(l.number, number)
}

func (c *givenArrays) args() []any {
	types, quantities := takenArrays(c.taken)
	return []any{
		types, quantities, c.order, c.status, c.event, c.ticketType, c.account, c.number,
		c.lines.event, c.lines.decisions, c.lines.tickets, c.lines.number,
	}
}

// moveStock moves the stock rows; the check constraint refuses what does not fit.
const moveStock = `
	update stock set taken = taken + d.n from unnest($1::bigint[], $2::bigint[]) as d(id, n) where ticket_type_id = d.id`

// writeGiven begins a statement that ends with the orders: one round trip for all that a batch writes.
const writeGiven = `
	with s as (` + moveStock + `), t as (
		insert into tickets (order_id, status, event_id, ticket_type_id, account_id, number)
		select * from unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
	), l as (
		update lines set last_decision = last_decision + d.decisions, last_ticket = last_ticket + d.tickets,
			last_number = greatest(last_number, d.number)
		from unnest($9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]) as d(id, decisions, tickets, number)
		where event_id = d.id
	)`

func takenArrays(taken map[int64]int64) (types, quantities pq.Int64Array) {
	for t, n := range taken {
		types, quantities = append(types, t), append(quantities, n)
	}
	return types, quantities
}
