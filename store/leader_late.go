package store

import (
	"maps"
	"slices"

	"github.com/google/uuid"
)

// TakeLate decides about money that came after its hold had ended, in the order in which it came. The order gets its
// tickets back if they are still free, no waiting order could have them and the account may have that many; otherwise the
// money is owed back, and an order that asked to be kept goes back to its place on the return list. Nothing is decided
// while the event is paused. Charges that are no longer late are left alone.
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
		return t.waitAgain(o)
	}
	if err := t.exec(`update charges set status = 'captured' where id = any($1::uuid[])`, one); err != nil {
		return err
	}
	if err := t.one(o, `update orders set status = 'paid', paid_at = now(), late_at = now(), ended_at = null
		where id = $1 returning `+orderColumns, o.ID); err != nil {
		return err
	}
	// Its own tickets, which nobody else was given: their numbers keep the order of decisions.
	// Those of its last hold, if it had waited for a second one.
	if err := t.exec(`update tickets set status = 'valid' where id in (select id from tickets
			where order_id = $1 and status = 'void' and refund_id is null order by number desc limit $2)`, o.ID, o.Quantity); err != nil {
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

// waitAgain lets an order whose hold has ended, and whose money came too late, wait at its old place if it asked to be
// kept. It keeps its number in the order of deciding too, so that no decision is missing.
func (t *leaderTx) waitAgain(o *Order) error {
	if o.Status != Expired || !o.Keep {
		return nil
	}
	var again []Order
	err := t.all(&again, `
		update orders set status = 'waiting', waited_at = coalesce(waited_at, now()), ended_at = null
		where id = $1 and exists (select from events where id = $2 and status = 'published' and sale_ends_at > now())
			and not exists (select from orders where account_id = $3 and event_id = $2 and `+orderIsOpen+`)
			and (select coalesce(sum(quantity - returned), 0) from orders
				where account_id = $3 and event_id = $2 and `+orderGives+`) + quantity <= per_person
		returning `+orderColumns, o.ID, o.EventID, o.AccountID)
	if len(again) == 1 {
		*o = again[0]
	}
	return err
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
