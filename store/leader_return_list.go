package store

import (
	"maps"
	"slices"

	"github.com/google/uuid"
)

const (
	// giveAtOnce is how many waiting orders one query reads.
	giveAtOnce = 500
	// soldOutAtOnce bounds how many orders one transaction tells "sold out"; the generator comes back for the rest.
	soldOutAtOnce = 2000
)

// ServeReturnList gives free tickets of some types to those who wait, and tells the others "sold out" once nothing can come back.
func (l *Leader) ServeReturnList(typeIDs []int64) (out Outcome, err error) {
	defer wrap(&err, "serve the return lists of %d types", len(typeIDs))
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		return tx.serveReturnList(&out, typeIDs)
	})
	return l.stamped(out), err
}

// Resume gives those who wait what came back while an event was paused. It does nothing while the event is still paused.
func (l *Leader) Resume(eventID int64) (out Outcome, err error) {
	defer wrap(&err, "resume event %d", eventID)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		var types []int64
		if err := tx.all(&types, `select t.id from ticket_types t join lines l on l.event_id = t.event_id
			where t.event_id = $1 and l.unsettled and not exists (select from events where id = $1 and paused)`, eventID); err != nil {
			return err
		}
		if err := tx.serveReturnList(&out, types); err != nil {
			return err
		}
		return tx.exec(`update lines set unsettled = false where event_id = $1 and unsettled
			and not exists (select from events where id = $1 and paused)`, eventID)
	})
	return l.stamped(out), err
}

// serveReturnList ends every transaction that frees stock. The earliest waiting orders that fit get it, and bigger ones keep
// their place. Once no hold of a type is left that could come back, the rest are told "sold out", except orders that asked
// to be kept, as long as the sale goes on. The stock of a paused event waits; that of a cancelled one goes to nobody. What
// changed is added to the outcome, with the counts.
func (t *leaderTx) serveReturnList(out *Outcome, typeIDs []int64) error {
	types := slices.Compact(slices.Sorted(slices.Values(typeIDs)))
	if len(types) == 0 {
		return nil
	}
	events := map[int64]bool{}
	for _, id := range types {
		event, err := t.eventOfType(id)
		if err != nil {
			return err
		}
		events[event] = true
		idle, err := t.idle(event)
		if err != nil {
			return err
		}
		if idle {
			continue
		}
		given, err := t.giveToWaiting(id)
		if err != nil {
			return err
		}
		if err := t.oweLetters(LetterGiven, given, Reserved); err != nil {
			return err
		}
		out.Orders = append(out.Orders, given...)
		told, err := t.tellSoldOut(event, id)
		if err != nil {
			return err
		}
		out.Orders = append(out.Orders, told...)
		if len(told) == soldOutAtOnce {
			out.More = append(out.More, id)
		}
	}
	all, err := counts(t, slices.Sorted(maps.Keys(events)))
	out.Counts = all
	return err
}

// idle says whether an event's return list must not be served now. If it is paused, the list is marked for later.
func (t *leaderTx) idle(eventID int64) (idle bool, err error) {
	var e struct {
		Paused bool
		Status EventStatus
	}
	if err := t.one(&e, `select paused, status from events where id = $1`, eventID); err != nil || !e.Paused {
		return e.Status == EventCancelled, err
	}
	return true, t.exec(`update lines set unsettled = true where event_id = $1`, eventID)
}

func (t *leaderTx) eventOfType(typeID int64) (event int64, err error) {
	err = t.one(&event, `select event_id from ticket_types where id = $1`, typeID)
	return event, err
}

// giveToWaiting gives free stock of a type to the return list, in order of number.
func (t *leaderTx) giveToWaiting(typeID int64) (given []Order, err error) {
	var free int
	if err := t.one(&free, `select capacity - taken from stock where ticket_type_id = $1 for update`, typeID); err != nil {
		return nil, err
	}
	var last int64
	for free > 0 {
		var waiting []Order
		if err := t.all(&waiting, `select `+orderColumns+` from orders
			where ticket_type_id = $1 and status = 'waiting' and number > $2 and quantity <= $3
			order by number limit $4`, typeID, last, free, giveAtOnce); err != nil {
			return nil, err
		}
		for _, o := range waiting {
			last = o.Number
			if o.Quantity <= free {
				free -= o.Quantity
				given = append(given, o)
			}
		}
		if len(waiting) < giveAtOnce {
			break
		}
	}
	status := func(o Order) OrderStatus {
		if o.AmountCents() == 0 {
			return Paid
		}
		return Reserved
	}
	return t.updateDecisions(given, status)
}

// tellSoldOut ends the wait for a type that has no hold left that could come back.
func (t *leaderTx) tellSoldOut(eventID, typeID int64) ([]Order, error) {
	var waiting []Order
	if err := t.all(&waiting, `select `+orderColumns+` from orders
		where ticket_type_id = $1 and status = 'waiting'
			and not exists (select from orders where ticket_type_id = $1 and status = 'reserved')
			and (not keep or exists (select from events where id = $2 and sale_ends_at <= now()))
		order by number limit $3`, typeID, eventID, soldOutAtOnce); err != nil {
		return nil, err
	}
	return t.updateDecisions(waiting, func(Order) OrderStatus { return SoldOut })
}

// updateDecisions writes the decisions of orders that already have a row, all of one event and in the order given, with
// their tickets, stock and numbers. It returns the orders as they are now.
func (t *leaderTx) updateDecisions(orders []Order, status func(Order) OrderStatus) ([]Order, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	event, highest := orders[0].EventID, int64(0)
	var from lastGiven
	if err := t.one(&from, `select last_decision as decision, last_ticket as ticket from lines where event_id = $1`, event); err != nil {
		return nil, err
	}
	last := from
	gave := newGivenOut(len(orders))
	changed := make([]Order, 0, len(orders))
	for _, o := range orders {
		highest = max(highest, o.Number)
		d := decided(o.QueuedOrder, status(o), o.Decision, t.now)
		if o.Status == Waiting {
			d.WaitedAt = o.WaitedAt
		}
		if d.Status.state().final && d.Decision == 0 { // one that waits again had its turn
			last.Decision++
			d.Decision = last.Decision
		}
		if d.Status.state().gives {
			last.Ticket = gave.give(&d, last.Ticket)
		}
		changed = append(changed, d)
	}
	gave.advance(event, from, last, highest)
	if err := updateOrders(t, changed, gave); err != nil {
		return nil, err
	}
	return changed, t.oweLetters(LetterPaid, changed, Paid) // free ones
}

// DecideParked decides up to most parked orders of an event, by number. It does nothing while the event is paused, or if
// it is cancelled. Fewer than most in the outcome means that none is left.
func (l *Leader) DecideParked(eventID int64, most int, decide func(Inputs) []Decision) (out Outcome, err error) {
	defer wrap(&err, "decide parked orders of event %d", eventID)
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		var parked []Order
		if err := tx.all(&parked, `select `+orderColumns+` from orders
			where event_id = $1 and status = 'queued' and not exists (select from events where id = $1 and (paused or status = 'cancelled'))
			order by number limit $2`, eventID, most); err != nil || len(parked) == 0 {
			return err
		}
		orders := make([]QueuedOrder, len(parked))
		for i, o := range parked {
			orders[i] = o.QueuedOrder
		}
		held, err := tx.holdings(orders)
		if err != nil {
			return err
		}
		began, err := tx.lineState(orders, nil)
		if err != nil {
			return err
		}
		in, err := readInputs(tx, orders, held, began)
		if err != nil {
			return err
		}
		status := map[uuid.UUID]OrderStatus{}
		for _, d := range decide(in) {
			status[d.OrderID] = d.Status
		}
		if out.Orders, err = tx.updateDecisions(parked, func(o Order) OrderStatus { return status[o.ID] }); err != nil {
			return err
		}
		out.Counts, err = counts(tx, []int64{eventID})
		return err
	})
	return l.stamped(out), err
}
