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

// insert writes the rows; the moments follow from now, as decided computes them.
func (c *orderArrays) insert(tx *leaderTx) error {
	return tx.exec(`
		insert into orders (id, status, currency, accepted_at, event_id, ticket_type_id, account_id, number, before, quantity,
			decision, price_cents, fee_cents, per_person, hold_seconds, refund_days, refund_hours, refund_fee, keep,
			waited_at, decided_at, reserved_until, paid_at)
		select id, status, currency, accepted, event, ticket_type, account, number, before, quantity,
			nullif(decision, 0), price, fee, per_person, hold, refund_days, refund_hours, refund_fee, keep,
			case when status = 'waiting' then now() end, case when decision > 0 then now() end,
			case when status = 'reserved' then now() + make_interval(secs => hold) end, case when status = 'paid' then now() end
		from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[],
			$8::bigint[], $9::int[], $10::bigint[], $11::bigint[], $12::bigint[], $13::int[], $14::int[], $15::int[], $16::int[],
			$17::bool[], $18::bool[], $19::bigint[])
			as d(id, status, currency, accepted, event, ticket_type, account, number, quantity,
				decision, price, fee, per_person, hold, refund_days, refund_hours, refund_fee, keep, before)`,
		c.id, c.status, c.currency, c.accepted, c.event, c.ticketType, c.account, c.number, c.quantity,
		c.decision, c.price, c.fee, c.perPerson, c.hold, c.refundDays, c.refundH, c.refundFee, c.keep, c.before)
}

// ticketArrays are the columns of given tickets for one insert.
type ticketArrays struct {
	order, status                      pq.StringArray
	event, ticketType, account, number pq.Int64Array
}

func (c *ticketArrays) add(t Ticket) {
	c.order, c.status = append(c.order, t.OrderID.String()), append(c.status, string(t.Status))
	c.event, c.ticketType = append(c.event, t.EventID), append(c.ticketType, t.TicketTypeID)
	c.account, c.number = append(c.account, t.AccountID), append(c.number, t.Number)
}

func (c *ticketArrays) insert(tx *leaderTx) error {
	return tx.exec(`
		insert into tickets (order_id, status, event_id, ticket_type_id, account_id, number)
		select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])`,
		c.order, c.status, c.event, c.ticketType, c.account, c.number)
}
