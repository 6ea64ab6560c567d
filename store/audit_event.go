package store

import "context"

// auditScope leaves the rules of the audit nothing to see but one event: its rows stand for the tables of the same names.
const auditScope = `with events as not materialized (select * from events where id = %[1]d),
	ticket_types as not materialized (select * from ticket_types where event_id = %[1]d),
	stock as not materialized (select * from stock where ticket_type_id in (select id from ticket_types)),
	lines as not materialized (select * from lines where event_id = %[1]d),
	lost_numbers as not materialized (select * from lost_numbers where event_id = %[1]d),
	orders as not materialized (select * from orders where event_id = %[1]d),
	tickets as not materialized (select * from tickets where event_id = %[1]d),
	charges as not materialized (select * from charges where order_id in (select id from orders)),
	refunds as not materialized (select * from refunds where order_id in (select id from orders)),
	refund_attempts as not materialized (select * from refund_attempts where refund_id in (select id from refunds)),
	ledger as not materialized (select * from ledger where event_id = %[1]d)
	`

// AuditMark is how far the books of an event have got: an order, a decision, a ticket or money changes it.
type AuditMark struct {
	EventID int64
	Over    bool // the show is past, or cancelled and undone
	Mark    string
}

// AuditMarks reads the marks of all events. What it reads does not grow with their orders.
func (s *Store) AuditMarks(ctx context.Context) (marks []AuditMark, err error) {
	defer wrap(&err, "audit marks")
	err = s.db.SelectContext(ctx, &marks, `
		select e.id as event_id, e.settled_at is not null or e.starts_at < now() - interval '1 day' as over,
			concat_ws(' ', e.status, l.last_number, l.last_decision, l.last_ticket,
				(select string_agg(s.taken || '/' || s.capacity, ',' order by s.ticket_type_id)
					from ticket_types t join stock s on s.ticket_type_id = t.id where t.event_id = e.id),
				(select max(id) from ledger where event_id = e.id)) as mark
		from events e left join lines l on l.event_id = e.id order by e.id`)
	return marks, err
}
