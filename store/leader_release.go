package store

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// holdIsLost says that the time to pay is over and that nothing new was heard of the money. A notice that nobody has looked
// into for minutes has nothing to say any more: the worker asks the gateway before it has a hold undone.
const holdIsLost = holdIsOver + ` and not exists (select from charges c join notices n on n.charge_id = c.id
	where c.order_id = orders.id and n.handled_at is null and n.received_at > now() - interval '5 minutes')`

// Expire undoes holds whose time to pay is over, which no open charge can still pay and whose money nobody has just heard
// of, and leaves others alone.
func (l *Leader) Expire(orderIDs []uuid.UUID) (out Outcome, err error) {
	defer wrap(&err, "expire %d holds", len(orderIDs))
	return l.release(Expired, orderIDs, holdIsLost)
}

// Leave undoes holds that their fans gave up and which no open charge can still pay, and ends orders that wait or are
// parked.
func (l *Leader) Leave(orderIDs []uuid.UUID) (out Outcome, err error) {
	defer wrap(&err, "leave with %d orders", len(orderIDs))
	return l.release(Left, orderIDs, `true`)
}

// release takes back the tickets of reserved orders. What returns to the stock is counted from the rows that changed.
func (l *Leader) release(to OrderStatus, orderIDs []uuid.UUID, guard string) (out Outcome, err error) {
	ids := uuidArray(orderIDs)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		// Locked first and judged by a second statement, which sees a charge that was started while this one waited.
		if err := tx.exec(`select from orders where id = any($1) order by id for update`, ids); err != nil {
			return err
		}
		if to == Left {
			if err := tx.all(&out.Orders, `update orders set status = 'left', ended_at = now()
				where id = any($1) and status in ('waiting', 'queued') returning `+orderColumns, ids); err != nil {
				return err
			}
		}
		var freed []Order
		if err := tx.all(&freed, `
			update orders set status = $2, ended_at = now()
			where id = any($1) and status = 'reserved' and `+guard+`
				and not exists (select from charges where order_id = orders.id and `+chargeIsOpen+`)
			returning `+orderColumns, ids, to); err != nil {
			return err
		}
		out.Orders = append(out.Orders, freed...)
		if len(freed) == 0 {
			return nil
		}
		if err := tx.exec(`update tickets set status = 'void' where order_id = any($1) and status = 'reserved'`,
			changedIDs(freed)); err != nil {
			return err
		}
		back := map[int64]int64{}
		for _, o := range freed {
			back[o.TicketTypeID] -= int64(o.Quantity)
		}
		if err := addTaken(tx, back); err != nil {
			return err
		}
		if err := tx.oweLetters(LetterExpired, freed, Expired); err != nil {
			return err
		}
		return tx.serveReturnList(&out, slices.Collect(maps.Keys(back)))
	})
	return l.stamped(out), err
}

// LeaveLine writes orders that are still in line as left, before their turn. Orders that are already decided come back as
// they are.
func (l *Leader) LeaveLine(orders []QueuedOrder) (out Outcome, err error) {
	defer wrap(&err, "leave the line with %d orders", len(orders))
	gone := map[int64]bool{} // the stock does not matter
	for _, o := range orders {
		gone[o.TicketTypeID] = true
	}
	return l.Decide(orders, gone, func(d Inputs) []Decision {
		decisions := make([]Decision, len(d.Orders))
		for i, o := range d.Orders {
			decisions[i] = Decision{OrderID: o.ID, Status: Left}
		}
		return decisions
	})
}

// Return puts refunded tickets back into stock, once per refund. An order with none left is refunded.
func (l *Leader) Return(refundIDs []uuid.UUID) (out Outcome, err error) {
	defer wrap(&err, "return %d refunds", len(refundIDs))
	ids := uuidArray(refundIDs)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		// Orders are locked before their refunds, here as everywhere.
		if err := tx.exec(`select from orders where id in (select order_id from refunds where id = any($1))
			order by id for update`, ids); err != nil {
			return err
		}
		var rows []struct {
			OrderID  uuid.UUID
			Quantity int64
		}
		if err := tx.all(&rows, `
			update refunds set released_at = now() where id = any($1) and released_at is null
			returning order_id, quantity`, ids); err != nil {
			return err
		}
		back := map[int64]int64{}
		for _, r := range rows {
			var o Order
			if err := tx.one(&o, `
				update orders set returned = returned + $2,
					status = case when returned + $2 = quantity then 'refunded' else status end,
					ended_at = case when returned + $2 = quantity then now() else ended_at end
				where id = $1 returning `+orderColumns, r.OrderID, r.Quantity); err != nil {
				return err
			}
			back[o.TicketTypeID] -= r.Quantity
			out.Orders = append(out.Orders, o)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := addTaken(tx, back); err != nil {
			return err
		}
		return tx.serveReturnList(&out, slices.Collect(maps.Keys(back)))
	})
	return l.stamped(out), err
}

// SetCapacity carries out capacity changes in the order in which they were asked, together with older ones of the same
// types whose nudge was lost, so that an earlier wish never undoes a later one. A capacity below what is already taken is
// refused.
func (l *Leader) SetCapacity(changeIDs []int64) (out Outcome, err error) {
	defer wrap(&err, "set %d capacities", len(changeIDs))
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		var asked []struct {
			ID           int64
			TicketTypeID int64
			Capacity     int
		}
		if err := tx.all(&asked, `select id, ticket_type_id, capacity from capacity_changes
			where outcome = 'asked' and ticket_type_id in (select ticket_type_id from capacity_changes where id = any($1))
			order by id for update`, pq.Int64Array(changeIDs)); err != nil {
			return err
		}
		var types pq.Int64Array
		for _, c := range asked {
			if err := tx.exec(`
				with done as (update stock set capacity = $3 where ticket_type_id = $2 and taken <= $3 returning 1)
				update capacity_changes set settled_at = now(),
					outcome = case when exists (select from done) then 'done' else 'refused' end where id = $1`,
				c.ID, c.TicketTypeID, c.Capacity); err != nil {
				return err
			}
			types = append(types, c.TicketTypeID)
		}
		if err := tx.open(types); err != nil {
			return err
		}
		return tx.serveReturnList(&out, types)
	})
	return l.stamped(out), err
}

func changedIDs(orders []Order) pq.StringArray {
	ids := make(pq.StringArray, len(orders))
	for i, o := range orders {
		ids[i] = o.ID.String()
	}
	return ids
}

func uuidArray(ids []uuid.UUID) pq.StringArray {
	texts := make(pq.StringArray, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}
