package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// ErrName says that the name that was typed is not the event's.
var ErrName = errors.New("another name")

// CancelEvent ends an event for good: nobody can join, open orders end and everybody gets everything back, all of which
// follows row by row. The admin has to type the event's name. ErrState if it is not published; ErrName.
func (s *Store) CancelEvent(ctx context.Context, adminID, id int64, name string) (err error) {
	defer wrap(&err, "cancel event %d", id)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		var e Event
		if err := tx.GetContext(ctx, &e, `select `+eventColumns+` from events where id = $1 for update`, id); err != nil {
			return err
		}
		switch {
		case e.Status != Published:
			return ErrState
		case inSight(e.Name) != inSight(name):
			return ErrName
		}
		if _, err := tx.ExecContext(ctx, `update events set status = 'cancelled', cancelled_at = now(), paused = false where id = $1`, id); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "event.cancel", eventSubject(id), nil)
	})
}

// CancelForecast is what cancelling an event would undo now, orders that are still in line aside.
type CancelForecast struct {
	Open    int   // orders that wait or hold tickets
	Paid    int   // orders that stand
	Tickets int   // of these
	Cents   int64 // that would go back
}

// CancelForecast adds up what cancelling an event would undo: all that was paid and is not owed back, fees that were kept
// for tickets given back among it.
func (s *Store) CancelForecast(ctx context.Context, eventID int64) (f CancelForecast, err error) {
	defer wrap(&err, "forecast of cancelling event %d", eventID)
	err = s.db.GetContext(ctx, &f, `
		select count(*) filter (where o.`+orderIsOpen+`) as open, count(*) filter (where t.standing > 0) as paid,
			coalesce(sum(t.standing), 0)::bigint as tickets,
			coalesce(sum(o.amount_cents - coalesce(r.owed, 0)) filter (where o.status in ('paid', 'refunded')), 0)::bigint as cents
		from orders o
		left join (select order_id, count(*) as standing from tickets where event_id = $1 and `+ticketStands+` group by order_id) t
			on t.order_id = o.id and o.status = 'paid'
		left join (select r.order_id, sum(r.amount_cents) as owed from refunds r join orders o on o.id = r.order_id
			where o.event_id = $1 and r.reason <> 'surplus' group by r.order_id) r on r.order_id = o.id
		where o.event_id = $1 and (o.`+orderIsOpen+` or o.status in ('paid', 'refunded'))`, eventID)
	return f, err
}

// CancelProgress is how far a cancelled event is undone.
type CancelProgress struct {
	Orders       int // that are to be undone, or were
	Undone       int
	OwedCents    int64 // that go back, or went
	SentCents    int64 // by the gateway, or outside it
	RefusedCents int64 // that a person has to look after
}

// Done says that nothing is left to undo.
func (p CancelProgress) Done() bool { return p.Undone == p.Orders && p.SentCents == p.OwedCents }

// CancelProgress adds up how far a cancelled event is undone.
func (s *Store) CancelProgress(ctx context.Context, eventID int64) (p CancelProgress, err error) {
	defer wrap(&err, "progress of cancelling event %d", eventID)
	err = s.db.GetContext(ctx, &p, `
		select count(*) filter (where o.`+orderIsOpen+` or o.status in ('paid', 'cancelled') or r.cancelled) as orders,
			count(*) filter (where o.status = 'cancelled' or o.status = 'refunded' and r.cancelled) as undone,
			coalesce(sum(r.owed), 0)::bigint as owed_cents, coalesce(sum(r.sent), 0)::bigint as sent_cents,
			coalesce(sum(r.refused), 0)::bigint as refused_cents
		from orders o left join (
			select r.order_id, bool_or(r.reason = 'cancelled') as cancelled, sum(r.amount_cents) as owed,
				sum(r.amount_cents) filter (where r.status in ('done', 'settled')) as sent,
				sum(r.amount_cents) filter (where r.status = 'refused') as refused
			from refunds r join orders o on o.id = r.order_id join events e on e.id = o.event_id
			where e.id = $1 and (r.reason = 'cancelled' or r.asked_at >= e.cancelled_at or r.status not in ('done', 'settled'))
			group by r.order_id) r on r.order_id = o.id
		where o.event_id = $1`, eventID)
	return p, err
}

// UnfinishedCancels lists cancelled events that are not undone yet.
func (s *Store) UnfinishedCancels(ctx context.Context, limit int) (ids []int64, err error) {
	defer wrap(&err, "unsettled cancels")
	err = s.db.SelectContext(ctx, &ids, `select id from events where cancelled_at is not null and settled_at is null order by cancelled_at limit $1`, limit)
	return ids, err
}

// ChargedHolds lists reserved orders of a cancelled event whose charge has to end before their hold can.
func (s *Store) ChargedHolds(ctx context.Context, eventID int64, limit int) (ids []uuid.UUID, err error) {
	defer wrap(&err, "charged holds of event %d", eventID)
	err = s.db.SelectContext(ctx, &ids, `
		select o.id from ticket_types t join orders o on o.ticket_type_id = t.id and o.status = 'reserved'
		where t.event_id = $1 and exists (select from events where id = $1 and status = 'cancelled')
			and exists (select from charges where order_id = o.id and `+chargeIsOpen+`)
		order by o.reserved_until limit $2`, eventID, limit)
	return ids, err
}

// orderKeepsMoney says that an order o was paid and that not all of it is owed back.
const orderKeepsMoney = `o.amount_cents > (select coalesce(sum(amount_cents), 0) from refunds where order_id = o.id and reason <> 'surplus')`

// UndoPaid takes back all standing tickets, used ones included, of up to most paid orders of a cancelled event, and owes
// all that was paid and is not owed back: fees that were kept for tickets given back earlier, too. It goes by number from
// the one after behind, and returns the last number that it came to, or 0 at the end. Orders that another transaction has
// locked are left to the next round. The stock returns through the generator.
func (s *Store) UndoPaid(ctx context.Context, eventID, behind int64, most int) (refunds []Refund, last int64, err error) {
	defer wrap(&err, "undo paid orders of event %d", eventID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		refunds, last = nil, 0
		var orders []Order
		if err := tx.SelectContext(ctx, &orders, `select `+orderColumns+` from orders o
			where event_id = $1 and number > $2 and status in ('paid', 'refunded')
				and exists (select from events where id = $1 and status = 'cancelled')
				and not exists (select from refunds where order_id = o.id and reason = 'cancelled')
				and (exists (select from tickets where order_id = o.id and `+ticketStands+`) or `+orderKeepsMoney+`)
			order by number limit $3 for update of o skip locked`, eventID, behind, most); err != nil || len(orders) == 0 {
			return err
		}
		last = orders[len(orders)-1].Number
		// What they owe is read by a second statement, since another round may have been faster than the lock.
		var undone []owedRefund
		if err := tx.SelectContext(ctx, &undone, `
			select o.id as order_id, 'cancelled' as reason, 0 as admin_id, '' as note, o.amount_cents as cents,
				(select count(*) from (select from tickets where order_id = o.id and `+ticketStands+` for update) t) as quantity
			from orders o where id = any($1) and not exists (select from refunds where order_id = o.id and reason = 'cancelled')
			order by number`, changedIDs(orders)); err != nil || len(undone) == 0 {
			return err
		}
		for i := range undone {
			undone[i].ID = NewID()
		}
		if refunds, err = oweBack(ctx, tx, undone...); err != nil {
			return err
		}
		var ids, orderIDs pq.StringArray
		for _, r := range refunds {
			ids, orderIDs = append(ids, r.ID.String()), append(orderIDs, r.OrderID.String())
		}
		if _, err := tx.ExecContext(ctx, oweLetters, LetterCancelled, orderIDs); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			update tickets t set status = 'void', refund_id = r.id from refunds r
			where r.id = any($1::uuid[]) and t.order_id = r.order_id and t.`+ticketStands+``, ids)
		return err
	})
	return refunds, last, err
}
