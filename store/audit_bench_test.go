package store_test

import (
	"testing"

	base "guiche/journeys/world"
)

// bigShop is 200,000 orders of 200,000 accounts for one type: paid ones of two tickets, holds that lapsed, holds that
// stand, refunds, and a return list.
const bigShop = `
	insert into accounts (name, email, password_hash) select 'Fan', n || '@guiche.test', '-' from generate_series(1, 200000) as n;
	insert into events (slug, name, starts_at, sale_starts_at, sale_ends_at)
		values ('show', 'Show', now() + interval '30 days', now() - interval '1 hour', now() + interval '1 hour');
	insert into ticket_types (event_id, name, price_cents) select id, 'Pista', 1000 from events;
	insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, decision, price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, waited_at, decided_at, reserved_until, paid_at, ended_at, returned)
		select gen_random_uuid(), e.id, t.id, n, n, 2, s.status, case when n <= 160000 then n end, 1000, 0, 'BRL', 4, 600, 7, 48, true, now(),
			case when n > 160000 then now() end, case when n <= 160000 then now() end,
			case when s.status <> 'waiting' then now() end, case when s.status in ('paid', 'refunded') then now() end,
			case when s.status in ('expired', 'refunded') then now() end, case when s.status = 'refunded' then 2 else 0 end
		from events e join ticket_types t on t.event_id = e.id, generate_series(1, 200000) as n,
			lateral (select case when n > 160000 then 'waiting' when n % 10 = 0 then 'expired' when n % 10 = 1 then 'reserved'
				when n % 10 = 2 then 'refunded' else 'paid' end as status) s;
	insert into charges (order_id, gateway, status, amount_cents, paid_cents, currency, expires_at)
		select id, 'sandbox', 'captured', 2000, 2000, 'BRL', now() from orders where status in ('paid', 'refunded');
	insert into refunds (order_id, charge_id, reason, quantity, amount_cents, released_at)
		select o.id, c.id, 'fan', 2, 2000, now() from orders o join charges c on c.order_id = o.id where o.status = 'refunded';
	insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
		select o.event_id, o.id, c.gateway, c.id, 'captured', 2000, 'BRL' from orders o join charges c on c.order_id = o.id;
	insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
		select o.event_id, o.id, 'sandbox', r.charge_id, r.id, 'refund_owed', 2000, 'BRL' from orders o join refunds r on r.order_id = o.id;
	insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status, refund_id)
		select o.event_id, o.id, o.ticket_type_id, o.account_id, 2 * o.number - 2 + n,
			case o.status when 'reserved' then 'reserved' when 'paid' then 'valid' else 'void' end, r.id
		from orders o left join refunds r on r.order_id = o.id, generate_series(1, 2) as n where o.status <> 'waiting';
	insert into stock select id, 256000, 256000 from ticket_types;
	insert into lines select id, 200000, 160000, 320000 from events;
	analyze;`

func BenchmarkAudit(b *testing.B) {
	w := base.Empty(b)
	w.Set(bigShop)
	for b.Loop() {
		findings, err := w.DB.Audit(b.Context(), nil)
		if err != nil || len(findings) > 0 {
			b.Fatalf("%v: %+v", err, findings)
		}
	}
}
