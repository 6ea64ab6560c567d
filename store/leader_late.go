package store

import (
	"maps"
	"slices"

	"github.com/google/uuid"
)

// TakeLate decides about money that came after its hold had ended, in the order in which it came. The order gets its
// tickets back if they are still free, no waiting order could have them and the account may have that many; otherwise the
// money is owed back. Nothing is decided while the event is paused. Charges that are no longer late are left alone.
func (l *Leader) TakeLate(chargeIDs []uuid.UUID) (out Outcome, err error) {
	defer wrap(&err, "take %d late charges", len(chargeIDs))
	ids := uuidArray(chargeIDs)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		// Orders are locked before their charges, here as everywhere.
		if err := tx.exec(`select from orders where id in (select order_id from charges where id = any($1::uuid[]))
			order by id for update`, ids); err != nil {
			return err
		}
		var late []struct{ ID, OrderID uuid.UUID }
		if err := tx.all(&late, `select id, order_id from charges where id = any($1::uuid[]) and status = 'late'
			order by settled_at, id for update`, ids); err != nil {
			return err
		}
		events := map[int64]bool{}
		for _, c := range late {
			o, paused, err := tx.lateOrder(c.OrderID)
			if err != nil {
				return err
			}
			if paused {
				continue
			}
			if err := tx.takeLate(&out, &o, c.ID); err != nil {
				return err
			}
			out.Orders = append(out.Orders, o)
			events[o.EventID] = true
		}
		out.Counts, err = counts(tx, slices.Sorted(maps.Keys(events)))
		return err
	})
	return l.stamped(out), err
}

func (t *leaderTx) lateOrder(id uuid.UUID) (o Order, paused bool, err error) {
	if err := t.one(&o, `select `+orderColumns+` from orders where id = $1`, id); err != nil {
		return Order{}, false, err
	}
	err = t.one(&paused, `select paused and status = 'published' from events where id = $1`, o.EventID)
	return o, paused, err
}

// takeLate gives an order its tickets again, or owes its money back.
func (t *leaderTx) takeLate(out *Outcome, o *Order, chargeID uuid.UUID) error {
	fits, err := t.lateFits(*o)
	if err != nil {
		return err
	}
	one := uuidArray([]uuid.UUID{chargeID})
	if !fits {
		if err := t.exec(`update charges set status = 'surplus' where id = any($1::uuid[])`, one); err != nil {
			return err
		}
		if err := t.exec(oweSurplus, one); err != nil {
			return err
		}
		var owed uuid.UUID
		if err := t.one(&owed, `select id from refunds where charge_id = $1 and reason = 'surplus'`, chargeID); err != nil {
			return err
		}
		out.Refunds = append(out.Refunds, owed)
		return nil
	}
	if err := t.exec(`update charges set status = 'captured' where id = any($1::uuid[])`, one); err != nil {
		return err
	}
	if err := t.one(o, `update orders set status = 'paid', paid_at = now(), late_at = now(), ended_at = null
		where id = $1 returning `+orderColumns, o.ID); err != nil {
		return err
	}
	// Its own tickets, which nobody else was given: their numbers keep the order of decisions.
	if err := t.exec(`update tickets set status = 'valid' where order_id = $1 and status = 'void' and refund_id is null`, o.ID); err != nil {
		return err
	}
	if err := addTaken(t, map[int64]int64{o.TicketTypeID: int64(o.Quantity)}); err != nil {
		return err
	}
	if err := t.exec(bookFee, one); err != nil {
		return err
	}
	return t.oweLetters(LetterLatePaid, []Order{*o}, Paid)
}

// lateFits says whether an order whose hold has ended may have its tickets after all.
func (t *leaderTx) lateFits(o Order) (fits bool, err error) {
	if o.Status != Expired {
		return false, nil
	}
	var free int
	if err := t.one(&free, `select capacity - taken from stock where ticket_type_id = $1 for update`, o.TicketTypeID); err != nil {
		return false, err
	}
	err = t.one(&fits, `
		select $3::int <= $2::int
			and exists (select from events where id = $4 and status = 'published')
			and not exists (select from orders where ticket_type_id = $1 and status = 'waiting' and quantity <= $2)
			and (select coalesce(sum(quantity - returned), 0) from orders
				where account_id = $5 and event_id = $4 and `+orderGives+`) + $3 <= $6`,
		o.TicketTypeID, free, o.Quantity, o.EventID, o.AccountID, o.PerPerson)
	return fits, err
}
