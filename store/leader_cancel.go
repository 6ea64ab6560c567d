package store

import "github.com/google/uuid"

// EndCancelled ends up to most open orders of a cancelled event that no open charge can still pay. What they held goes to
// nobody. Fewer than most in the outcome means that no more can end now.
func (l *Leader) EndCancelled(eventID int64, most int) (out Outcome, err error) {
	defer wrap(&err, "cancel orders of event %d", eventID)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		var open []uuid.UUID
		// Locked first and judged by a second statement, which sees a charge that was started while this one waited.
		if err := tx.all(&open, `select id from orders where id in (
				select id from orders where event_id = $1 and status = 'queued'
				union all select o.id from ticket_types t join orders o on o.ticket_type_id = t.id and o.status = 'waiting' where t.event_id = $1
				union all select o.id from ticket_types t join orders o on o.ticket_type_id = t.id and o.status = 'reserved'
					where t.event_id = $1 and not exists (select from charges where order_id = o.id and `+chargeIsOpen+`)
				limit $2)
			and exists (select from events where id = $1 and status = 'cancelled') order by id for update`, eventID, most); err != nil || len(open) == 0 {
			return err
		}
		if err := tx.all(&out.Orders, `
			update orders set status = 'cancelled', ended_at = now()
			where id = any($1) and `+orderIsOpen+`
				and not exists (select from charges where order_id = orders.id and `+chargeIsOpen+`)
			returning `+orderColumns, uuidArray(open)); err != nil {
			return err
		}
		if err := tx.exec(`update tickets set status = 'void' where order_id = any($1) and status = 'reserved'`, changedIDs(out.Orders)); err != nil {
			return err
		}
		if err := tx.oweLetters(LetterCancelled, out.Orders, OrderCancelled); err != nil {
			return err
		}
		back := map[int64]int64{}
		for _, o := range out.Orders {
			if !o.ReservedUntil.IsZero() {
				back[o.TicketTypeID] -= int64(o.Quantity)
			}
		}
		if err := addTaken(tx, back); err != nil {
			return err
		}
		out.Counts, err = counts(tx, []int64{eventID})
		return err
	})
	return l.stamped(out), err
}

// FinishCancelled marks a cancelled event as undone if it is: no order is open or paid or keeps money, and every refund
// has been confirmed by the gateway or settled outside it. The leader does it, since it knows that no transaction of its own is under way.
func (l *Leader) FinishCancelled(eventID int64) (err error) {
	defer wrap(&err, "finish cancelled event %d", eventID)
	return l.within(func(tx *leaderTx) error {
		return tx.exec(`
			update events e set settled_at = now() where id = $1 and status = 'cancelled' and settled_at is null
				and not exists (select from refunds r join orders o on o.id = r.order_id where r.status = 'owed' and o.event_id = $1)
				and not exists (select from refunds r join orders o on o.id = r.order_id where r.status = 'refused' and o.event_id = $1)
				and not exists (select from refunds r join orders o on o.id = r.order_id where r.released_at is null and o.event_id = $1)
				and not exists (select from charges c join orders o on o.id = c.order_id where c.status = 'late' and o.event_id = $1)
				and not exists (select from orders where event_id = $1 and (`+orderIsOpen+` or status = 'paid'))
				and not exists (select from orders o where event_id = $1 and status = 'refunded' and `+orderKeepsMoney+`
					and not exists (select from refunds where order_id = o.id and reason = 'cancelled'))`, eventID)
	})
}
