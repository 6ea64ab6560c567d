package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// Desk is all that a decision may look at: no clock, no I/O.
type Desk struct {
	Orders  []QueuedOrder      // by event and number, none decided before
	Free    map[int64]int      // tickets left, by ticket type
	Held    map[int64]bool     // by ticket type: an unpaid hold could still come back
	Holding map[Holder]Holding // what the accounts have already
}

// Holder is an account before an event.
type Holder struct{ AccountID, EventID int64 }

// Holding is what a holder has: reserved or paid tickets that did not come back, and whether an order is open.
type Holding struct {
	Tickets int
	Open    bool
}

// Decision is what becomes of one order of a desk: Reserved, Paid (nothing to pay), Waiting, SoldOut or OverLimit.
type Decision struct {
	OrderID uuid.UUID
	Status  OrderStatus
}

// Decide settles accepted orders in one transaction: it reads stock and holdings, asks decide, and writes orders,
// tickets and stock. Types in gone are known to have nothing left and cost no stock read. An order that was decided
// before is left alone and comes back as it is. Orders of a paused event, and of one whose parked orders are not all
// decided yet, are parked: they get a row and wait as queued.
func (l *Leader) Decide(orders []QueuedOrder, gone map[int64]bool, decide func(Desk) []Decision) (out Outcome, err error) {
	defer wrap(&err, "decide %d orders", len(orders))
	err = l.within(func(tx *leaderTx) error {
		out = Outcome{}
		held, err := tx.holdings(orders)
		if err != nil {
			return err
		}
		if out.Orders, err = tx.decidedBefore(orders, held); err != nil {
			return err
		}
		if err := tx.givenAgain(orders, out.Orders); err != nil {
			return err
		}
		fresh := undecided(orders, out.Orders)
		if len(fresh) == 0 {
			return nil
		}
		if out.Parked, err = tx.parked(fresh); err != nil {
			return err
		}
		decisions, err := tx.ask(fresh, held, out.Parked, gone, decide)
		if err != nil {
			return err
		}
		written, gaveOut, err := writeDecisions(tx, fresh, decisions)
		if err != nil {
			return err
		}
		out.Orders = append(out.Orders, written...)
		if len(gaveOut) > 0 {
			out.Counts, err = counts(tx, gaveOut)
		}
		return err
	})
	return l.stamped(out), err
}

// parked are the events of a batch that nobody is served of now.
func (t *leaderTx) parked(orders []QueuedOrder) (map[int64]bool, error) {
	var events pq.Int64Array
	for _, o := range orders {
		if !slices.Contains(events, o.EventID) {
			events = append(events, o.EventID)
		}
	}
	var ids []int64
	err := t.all(&ids, `select id from events e join lines l on l.event_id = e.id where id = any($1)
		and (paused or l.unsettled or exists (select from orders where event_id = e.id and status = 'queued'))`, events)
	parked := map[int64]bool{}
	for _, id := range ids {
		parked[id] = true
	}
	return parked, err
}

// ask puts the orders that may be served on a desk and parks the others.
func (t *leaderTx) ask(orders []QueuedOrder, held []heldOrder, parked, gone map[int64]bool, decide func(Desk) []Decision) ([]Decision, error) {
	var served []QueuedOrder
	var decisions []Decision
	for _, o := range orders {
		if parked[o.EventID] {
			decisions = append(decisions, Decision{OrderID: o.ID, Status: Queued})
		} else {
			served = append(served, o)
		}
	}
	if len(served) == 0 {
		return decisions, nil
	}
	desk, err := readDesk(t, served, held, gone)
	if err != nil {
		return nil, err
	}
	return append(decisions, decide(desk)...), nil
}

// undecided keeps the orders without a row, one per id, by event and number.
func undecided(orders []QueuedOrder, decided []Order) []QueuedOrder {
	seen := make(map[uuid.UUID]bool, len(orders))
	for _, o := range decided {
		seen[o.ID] = true
	}
	var fresh []QueuedOrder
	for _, o := range orders {
		if !seen[o.ID] {
			seen[o.ID] = true
			fresh = append(fresh, o)
		}
	}
	slices.SortStableFunc(fresh, func(a, b QueuedOrder) int {
		return cmp.Or(cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.Number, b.Number))
	})
	return fresh
}

// heldOrder is what an account has of an event already, one row per order.
type heldOrder struct {
	ID        uuid.UUID
	AccountID int64
	EventID   int64
	Status    OrderStatus
	Tickets   int // that did not come back
}

// holdings reads every order that the accounts of a batch have for its events: those of the batch itself that were
// decided before are among them.
func (t *leaderTx) holdings(orders []QueuedOrder) (held []heldOrder, err error) {
	accounts, events := make(pq.Int64Array, len(orders)), make(pq.Int64Array, len(orders))
	for i, o := range orders {
		accounts[i], events[i] = o.AccountID, o.EventID
	}
	err = t.all(&held, `
		select id, account_id, event_id, status, quantity - returned as tickets from orders
		where (account_id, event_id) in (select * from unnest($1::bigint[], $2::bigint[]))`, accounts, events)
	return held, err
}

// decidedBefore reads those of a batch that have a row.
func (t *leaderTx) decidedBefore(orders []QueuedOrder, held []heldOrder) (decided []Order, err error) {
	asked := make(map[uuid.UUID]bool, len(orders))
	for _, o := range orders {
		asked[o.ID] = true
	}
	var again []uuid.UUID
	for _, h := range held {
		if asked[h.ID] {
			again = append(again, h.ID)
		}
	}
	if len(again) == 0 {
		return nil, nil
	}
	err = t.all(&decided, `select `+orderColumns+` from orders where id = any($1)`, uuidArray(again))
	return decided, err
}

// readDesk lays out what the orders of a batch may be decided by.
func readDesk(tx *leaderTx, orders []QueuedOrder, held []heldOrder, gone map[int64]bool) (Desk, error) {
	desk := Desk{Orders: orders, Free: map[int64]int{}, Held: map[int64]bool{}, Holding: make(map[Holder]Holding, len(held))}
	onDesk := make(map[uuid.UUID]bool, len(orders)) // a parked one has a row itself
	var types pq.Int64Array
	wanted := map[int64]int{}
	for _, o := range orders {
		onDesk[o.ID] = true
		wanted[o.TicketTypeID] += o.Quantity
		if !gone[o.TicketTypeID] && !slices.Contains(types, o.TicketTypeID) {
			types = append(types, o.TicketTypeID)
		}
	}
	for _, h := range held {
		if onDesk[h.ID] {
			continue
		}
		holder := Holder{h.AccountID, h.EventID}
		has := desk.Holding[holder]
		if gives(h.Status) {
			has.Tickets += h.Tickets
		}
		has.Open = has.Open || h.Status.Open()
		desk.Holding[holder] = has
	}
	if len(types) > 0 {
		var stock []struct {
			TicketTypeID int64
			Free         int
		}
		if err := tx.all(&stock, `select ticket_type_id, capacity - taken as free from stock
			where ticket_type_id = any($1) order by ticket_type_id for update`, types); err != nil {
			return Desk{}, err
		}
		for _, s := range stock {
			desk.Free[s.TicketTypeID] = s.Free
		}
	}
	return desk, readHeld(tx, desk, wanted)
}

// readHeld tells of which types that may run out an unpaid hold is left.
func readHeld(tx *leaderTx, desk Desk, wanted map[int64]int) error {
	var short pq.Int64Array
	for id, n := range wanted {
		if n > desk.Free[id] {
			short = append(short, id)
		}
	}
	if len(short) == 0 {
		return nil
	}
	var held []int64
	err := tx.all(&held, `select id from unnest($1::bigint[]) as t(id)
		where exists (select from orders where ticket_type_id = t.id and status = 'reserved')`, short)
	for _, id := range held {
		desk.Held[id] = true
	}
	return err
}

// writeDecisions writes the rows of a decided batch in bulk. It returns the orders as they are now
// and the events that gave tickets out. Nothing is read back: all of it is known here.
func writeDecisions(tx *leaderTx, orders []QueuedOrder, decisions []Decision) (written []Order, gaveOut []int64, err error) {
	status := make(map[uuid.UUID]OrderStatus, len(decisions))
	for _, d := range decisions {
		status[d.OrderID] = d.Status
	}
	rows := newOrderArrays(len(orders))
	tickets := &ticketArrays{}
	taken := map[int64]int64{}
	written = make([]Order, 0, len(orders))
	for start := 0; start < len(orders); {
		end := start
		var count, settled int64
		for ; end < len(orders) && orders[end].EventID == orders[start].EventID; end++ {
			if gives(status[orders[end].ID]) {
				count += int64(orders[end].Quantity)
			}
			if final(status[orders[end].ID]) {
				settled++
			}
		}
		event := orders[start].EventID
		last, err := advance(tx, event, settled, count, orders[end-1].Number)
		if err != nil {
			return nil, nil, err
		}
		if count > 0 {
			gaveOut = append(gaveOut, event)
		}
		for _, o := range orders[start:end] {
			d := decided(o, status[o.ID], 0, tx.now)
			if final(d.Status) {
				last.Decision++
				d.Decision = last.Decision
			}
			rows.add(d)
			if gives(d.Status) {
				taken[o.TicketTypeID] += int64(o.Quantity)
				for range o.Quantity {
					last.Ticket++
					t := given(d, last.Ticket)
					tickets.add(t)
					d.Tickets = append(d.Tickets, t)
				}
			}
			written = append(written, d)
		}
		start = end
	}
	if err := rows.insert(tx); err != nil {
		return nil, nil, err
	}
	if len(gaveOut) == 0 {
		return written, nil, nil
	}
	if err := tickets.insert(tx); err != nil {
		return nil, nil, err
	}
	return written, gaveOut, addTaken(tx, taken)
}

// lastGiven is what an event's line gave out last.
type lastGiven struct{ Decision, Ticket int64 }

// advance takes the next decisions and ticket numbers of an event, and returns the last ones before them.
func advance(tx *leaderTx, eventID, decisions, tickets, number int64) (last lastGiven, err error) {
	err = tx.one(&last, `
		update lines set last_decision = last_decision + $2, last_ticket = last_ticket + $3, last_number = greatest(last_number, $4)
		where event_id = $1 returning last_decision - $2 as decision, last_ticket - $3 as ticket`,
		eventID, decisions, tickets, number)
	return last, err
}

// decided is an order as it is once it has come to a status.
func decided(o QueuedOrder, status OrderStatus, decision int64, now time.Time) Order {
	d := Order{QueuedOrder: o, Status: status, Decision: decision}
	if final(status) {
		d.DecidedAt = now
	}
	switch status {
	case Waiting:
		d.WaitedAt = now
	case Reserved:
		d.ReservedUntil = now.Add(time.Duration(o.HoldSeconds) * time.Second)
	case Paid:
		d.PaidAt = now
	}
	return d
}

// given is a ticket of a decided order; Postgres gives it its id.
func given(o Order, number int64) Ticket {
	t := Ticket{
		EventID: o.EventID, OrderID: o.ID, TicketTypeID: o.TicketTypeID, AccountID: o.AccountID,
		Number: number, Status: TicketReserved,
	}
	if o.Status == Paid {
		t.Status = TicketValid
	}
	return t
}

func gives(s OrderStatus) bool { return s == Reserved || s == Paid }

// addTaken moves the stock rows; the check constraint refuses what does not fit.
func addTaken(tx *leaderTx, taken map[int64]int64) error {
	var types, quantities pq.Int64Array
	for t, n := range taken {
		types, quantities = append(types, t), append(quantities, n)
	}
	return tx.exec(`
		update stock set taken = taken + d.n from (select * from unnest($1::bigint[], $2::bigint[]) as d(id, n)) d
		where ticket_type_id = d.id`, types, quantities)
}
