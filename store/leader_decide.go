package store

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// Inputs is all that a decision may depend on: no clock, no I/O.
type Inputs struct {
	Orders  []QueuedOrder      // by event and number, none of them decided yet
	Free    map[int64]int      // tickets left, by ticket type
	Held    map[int64]bool     // by ticket type: an unpaid hold could still come back
	Holding map[Holder]Holding // what the accounts have already
}

// Holder is an account at an event.
type Holder struct{ AccountID, EventID int64 }

// Holding is what a holder has: reserved or paid tickets, less those that came back, and whether an order is open.
type Holding struct {
	Tickets int
	Open    bool
}

// Decision is what becomes of one order: Reserved, Paid if it is free, Waiting, SoldOut or OverLimit.
type Decision struct {
	OrderID uuid.UUID
	Status  OrderStatus
}

// Decide decides accepted orders in one transaction: it reads stock and holdings, asks decide, and writes orders, tickets
// and stock. Types in gone are known to have nothing left, so that their stock is not read. An order that was decided
// before comes back as it is. Orders of a paused event, or of one that still has parked orders, are parked: they get a
// row and stay queued. Orders of a cancelled event are cancelled.
func (l *Leader) Decide(orders []QueuedOrder, gone map[int64]bool, decide func(Inputs) []Decision) (out Outcome, err error) {
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
		began, err := tx.lineState(fresh, gone)
		if err != nil {
			return err
		}
		out.Parked = began.parked
		decisions, err := tx.ask(fresh, held, began, decide)
		if err != nil {
			return err
		}
		written, counts, err := writeDecisions(tx, fresh, decisions, began)
		if err != nil {
			return err
		}
		out.Orders, out.Counts = append(out.Orders, written...), counts
		if err := tx.oweLetters(LetterPaid, written, Paid); err != nil { // free ones
			return err
		}
		return tx.oweLetters(LetterCancelled, written, OrderCancelled)
	})
	return l.stamped(out), err
}

// lineState is the state of a batch's lines and stock before it. Only the leader writes those rows, so what they hold
// afterwards follows from its own writes and is not read back.
type lineState struct {
	last      map[int64]lastGiven // by event
	parked    map[int64]bool      // events whose orders are to be parked
	cancelled map[int64]bool
	free      map[int64]int // by ticket type, except those known to be gone
}

// lastGiven is what an event's line gave out last.
type lastGiven struct{ Decision, Ticket int64 }

// lineState reads the lines and the stock that orders are about, except types in gone.
func (t *leaderTx) lineState(orders []QueuedOrder, gone map[int64]bool) (lineState, error) {
	s := lineState{last: map[int64]lastGiven{}, parked: map[int64]bool{}, cancelled: map[int64]bool{}, free: map[int64]int{}}
	var events, types pq.Int64Array
	for _, o := range orders {
		if !slices.Contains(events, o.EventID) {
			events = append(events, o.EventID)
		}
		if !gone[o.TicketTypeID] && !slices.Contains(types, o.TicketTypeID) {
			types = append(types, o.TicketTypeID)
		}
	}
	var rows []struct {
		EventID   int64
		Parked    bool
		Cancelled bool
		lastGiven
		TicketTypeID int64 // 0 if none of the event's types is to be read
		Free         int
	}
	err := t.all(&rows, `
		select l.event_id, l.last_decision as decision, l.last_ticket as ticket,
			e.paused or l.unsettled or exists (select from orders where event_id = l.event_id and status = 'queued') as parked,
			e.status = 'cancelled' as cancelled,
			coalesce(s.ticket_type_id, 0) as ticket_type_id, coalesce(s.capacity - s.taken, 0) as free
		from lines l join events e on e.id = l.event_id
			left join (ticket_types t join stock s on s.ticket_type_id = t.id) on t.event_id = l.event_id and t.id = any($2)
		where l.event_id = any($1)`, events, types)
	for _, r := range rows {
		s.last[r.EventID] = r.lastGiven
		switch {
		case r.Cancelled:
			s.cancelled[r.EventID] = true
		case r.Parked:
			s.parked[r.EventID] = true
		}
		if r.TicketTypeID != 0 {
			s.free[r.TicketTypeID] = r.Free
		}
	}
	if err == nil && len(s.last) < len(events) {
		err = sql.ErrNoRows
	}
	return s, err
}

// ask has the orders decided that may be served, parks those of paused events and cancels those of cancelled ones.
func (t *leaderTx) ask(orders []QueuedOrder, held []heldOrder, began lineState, decide func(Inputs) []Decision) ([]Decision, error) {
	var served []QueuedOrder
	var decisions []Decision
	open := map[Holder]bool{}
	for _, h := range held {
		open[Holder{h.AccountID, h.EventID}] = open[Holder{h.AccountID, h.EventID}] || h.Status.Open()
	}
	for _, o := range orders {
		switch {
		case began.cancelled[o.EventID]:
			decisions = append(decisions, Decision{OrderID: o.ID, Status: OrderCancelled})
		case began.parked[o.EventID] && open[Holder{o.AccountID, o.EventID}]: // there is one place per account: this one leaves before its turn
			decisions = append(decisions, Decision{OrderID: o.ID, Status: Left})
		case began.parked[o.EventID]:
			open[Holder{o.AccountID, o.EventID}] = true
			decisions = append(decisions, Decision{OrderID: o.ID, Status: Queued})
		default:
			served = append(served, o)
		}
	}
	if len(served) == 0 {
		return decisions, nil
	}
	in, err := readInputs(t, served, held, began)
	if err != nil {
		return nil, err
	}
	return append(decisions, decide(in)...), nil
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

// heldOrder is an order that an account already has for an event.
type heldOrder struct {
	ID        uuid.UUID
	AccountID int64
	EventID   int64
	Status    OrderStatus
	Tickets   int // that did not come back
}

// holdings reads every order that the accounts of a batch have for its events, including those of the batch itself that
// were decided before.
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

// readInputs gathers what the orders of a batch are decided by.
func readInputs(tx *leaderTx, orders []QueuedOrder, held []heldOrder, began lineState) (Inputs, error) {
	in := Inputs{Orders: orders, Free: maps.Clone(began.free), Held: map[int64]bool{}, Holding: make(map[Holder]Holding, len(held))}
	onDesk := make(map[uuid.UUID]bool, len(orders)) // a parked order has a row, which is not a holding
	wanted := map[int64]int{}
	for _, o := range orders {
		onDesk[o.ID] = true
		wanted[o.TicketTypeID] += o.Quantity
	}
	for _, h := range held {
		if onDesk[h.ID] {
			continue
		}
		holder := Holder{h.AccountID, h.EventID}
		has := in.Holding[holder]
		if h.Status.state().gives {
			has.Tickets += h.Tickets
		}
		has.Open = has.Open || h.Status.Open()
		in.Holding[holder] = has
	}
	return in, readHeld(tx, in, wanted)
}

// readHeld finds out which of the types that may run out have an unpaid hold left.
func readHeld(tx *leaderTx, in Inputs, wanted map[int64]int) error {
	var short pq.Int64Array
	for id, n := range wanted {
		if n > in.Free[id] {
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
		in.Held[id] = true
	}
	return err
}

// writeDecisions writes the whole result of a batch in one statement. It returns the orders as they are now, and the
// counts of the events that gave out tickets. Nothing is read back, since all of it is known here.
func writeDecisions(tx *leaderTx, orders []QueuedOrder, decisions []Decision, began lineState) (written []Order, counts []Counts, err error) {
	status := make(map[uuid.UUID]OrderStatus, len(decisions))
	for _, d := range decisions {
		status[d.OrderID] = d.Status
	}
	gave := newGivenOut(len(orders))
	written = make([]Order, 0, len(orders))
	for start := 0; start < len(orders); {
		event := orders[start].EventID
		from, last := began.last[event], began.last[event]
		free := map[int64]int{}
		end := start
		for ; end < len(orders) && orders[end].EventID == event; end++ {
			d := decided(orders[end], status[orders[end].ID], 0, tx.now)
			if d.Status.state().final {
				last.Decision++
				d.Decision = last.Decision
			}
			if d.Status.state().gives {
				last.Ticket = gave.give(&d, last.Ticket)
				if left, known := began.free[d.TicketTypeID]; known {
					free[d.TicketTypeID] = left - int(gave.taken[d.TicketTypeID])
				}
			}
			written = append(written, d)
		}
		gave.advance(event, from, last, orders[end-1].Number)
		if last.Ticket > from.Ticket {
			counts = append(counts, Counts{EventID: event, Free: free, Issued: last.Ticket, Last: newest(last.Ticket)})
		}
		start = end
	}
	return written, counts, insertOrders(tx, written, gave)
}

// addTaken changes how many tickets are taken of some types.
func addTaken(tx *leaderTx, taken map[int64]int64) error {
	types, quantities := takenArrays(taken)
	return tx.exec(moveStock, types, quantities)
}
