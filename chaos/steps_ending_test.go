package chaos

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"guiche/payment"
	"guiche/store"
)

// endingRows are what a show's orders came to, by the order of joining, without what differs from one run to another.
// A charge that ended without money is told by its absence.
var endingRows = []struct{ what, query string }{
	{"order", `select concat_ws(' ', status, quantity, 'returned', returned, 'late', late_at is not null) from orders where event_id = $1 order by number`},
	{"tickets", `select string_agg(t.status, ' ' order by t.id) from tickets t join orders o on o.id = t.order_id
		where o.event_id = $1 group by o.id order by o.number`},
	{"charge", `select concat_ws(' ', c.status, c.amount_cents, c.paid_cents) from charges c join orders o on o.id = c.order_id
		where o.event_id = $1 and c.status not in ('failed', 'cancelled') order by o.number, c.created_at`},
	{"refund", `select concat_ws(' ', r.status, r.reason, r.quantity, r.amount_cents, 'stock back', released_at is not null)
		from refunds r join orders o on o.id = r.order_id where o.event_id = $1 order by o.number, r.asked_at`},
	{"ledger", `select concat_ws(' ', kind, amount_cents, currency) from ledger where event_id = $1 order by kind, amount_cents`},
	{"letter", `select l.kind from letters l left join refunds r on r.id = l.subject
		join orders o on o.id in (l.subject, r.order_id) where o.event_id = $1 order by o.number, l.kind`},
	{"stock", `select concat_ws(' ', 'taken', s.taken) from stock s join ticket_types t on t.id = s.ticket_type_id where t.event_id = $1`},
	{"notice", `select 'not worked on' from notices n join charges c on c.id = n.charge_id join orders o on o.id = c.order_id
		where o.event_id = $1 and handled_at is null`},
}

// ending tells where a show's orders are, as our rows and as the provider knows it.
func (s *shop) ending(t *testing.T, show store.Event) string {
	t.Helper()
	var lines []string
	for _, rows := range endingRows {
		for _, said := range s.texts(t, rows.query, show.ID) {
			lines = append(lines, rows.what+": "+said)
		}
	}
	var paid, back int64
	for _, id := range s.texts(t, `select c.id from charges c join orders o on o.id = c.order_id where o.event_id = $1`, show.ID) {
		c, err := s.provider.Find(t.Context(), id, time.Time{})
		if errors.Is(err, payment.ErrNotFound) {
			continue // its creation never arrived
		}
		if err != nil {
			lines = append(lines, "the provider does not answer")
			continue
		}
		if c.Status == payment.Paid {
			lines = append(lines, fmt.Sprintf("the provider took %d and sent %d back", c.AmountCents, c.RefundedCents))
			paid, back = paid+c.AmountCents, back+c.RefundedCents
		}
	}
	booked := s.number(`select coalesce(sum(amount_cents), 0) from ledger where event_id = $1 and kind = 'captured'`, show.ID)
	sent := s.number(`select coalesce(sum(amount_cents), 0) from ledger where event_id = $1 and kind = 'refund_sent'`, show.ID)
	if booked != paid || sent != back {
		lines = append(lines, fmt.Sprintf("the provider says %d and %d, the ledger %d and %d", paid, back, booked, sent))
	}
	return strings.Join(lines, "\n")
}

// texts reads a column.
func (s *shop) texts(t *testing.T, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := s.raw.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// unsettled says that a show's money still has somewhere to go.
func (s *shop) unsettled(show store.Event) bool {
	return s.number(`select
		(select count(*) from events where id = $1 and cancelled_at is not null and settled_at is null)
		+ (select count(*) from orders where event_id = $1 and status = 'queued')
		+ (select count(*) from charges c join orders o on o.id = c.order_id where o.event_id = $1 and
			(c.status in ('late', 'abandoned') or c.status in ('new', 'open') and o.status <> 'reserved'))
		+ (select count(*) from refunds r join orders o on o.id = r.order_id where o.event_id = $1 and (r.status = 'owed' or r.released_at is null))
		+ (select count(*) from notices n join charges c on c.id = n.charge_id join orders o on o.id = c.order_id
			where o.event_id = $1 and n.handled_at is null)`, show.ID) != 0
}

// minutesPass lets the poll look at a show's charges now: its first look comes after half a minute, or a minute after a
// charge has ended.
func (s *shop) minutesPass(t *testing.T, show store.Event) {
	t.Helper()
	if _, err := s.raw.Exec(`update charges set next_look_at = least(next_look_at, now())
		where order_id in (select id from orders where event_id = $1)`, show.ID); err != nil {
		t.Fatal(err)
	}
}
