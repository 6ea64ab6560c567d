package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
)

// Rows go to Postgres as arrays, one per column and statement: a rush costs few round trips, and each statement is
// prepared once whatever the size of a batch.
var (
	newOrder     = orderRow.only(append(columnsOf[QueuedOrder]().names(), "status", "decision")...)
	decidedOrder = orderRow.only("id", "status", "decision")
	newTicket    = ticketRow.only("event_id", "order_id", "ticket_type_id", "account_id", "number", "status")
	advanceRow   = columnsOf[advance]()
)

// derived are the columns that follow from the others of a decided order d, each null until its time comes. The function
// decided says the same in Go.
var derived = []struct{ column, sql string }{
	{"decision", `nullif(d.decision, 0)`},
	{"waited_at", `case when d.status = 'waiting' then now() end`},
	{"decided_at", `case when d.decision > 0 then now() end`},
	{"reserved_until", `case when d.status = 'reserved' then ` + holdUntil + ` end`},
	{"paid_at", `case when d.status = 'paid' then now() end`},
	{"ended_at", `case when d.status in ('left', 'cancelled') then now() end`},
}

// decided is an order as it is once it has come to a status.
func decided(o QueuedOrder, status OrderStatus, decision int64, now time.Time) Order {
	d := Order{QueuedOrder: o, Status: status, Decision: decision}
	if status.state().final {
		d.DecidedAt = now
	}
	switch status {
	case Waiting:
		d.WaitedAt = now
	case Reserved:
		d.ReservedUntil = o.holdUntil(now)
	case Paid:
		d.PaidAt = now
	case Left, OrderCancelled:
		d.EndedAt = now
	}
	return d
}

// insertOrders writes orders that have no row yet, and what was given out with them.
func insertOrders(tx *leaderTx, orders []Order, gave *givenOut) error {
	return tx.exec(insertDecided, append(gave.args(), arrays(newOrder, orders)...)...)
}

// updateOrders writes what was decided of orders that have a row, and what was given out with them.
func updateOrders(tx *leaderTx, orders []Order, gave *givenOut) error {
	return tx.exec(updateDecided, append(gave.args(), arrays(decidedOrder, orders)...)...)
}

var insertDecided, updateDecided = func() (insert, update string) {
	var names, values, changes strings.Builder
	for _, c := range derived {
		names.WriteString(", " + c.column)
		values.WriteString(", " + c.sql)
		changes.WriteString(", " + c.column + " = coalesce(" + c.sql + ", o." + c.column + ")")
	}
	own := newOrder[:len(newOrder)-1] // all but the decision, which is null until there is one
	param := 3 + len(newTicket) + len(advanceRow)
	insert = fmt.Sprintf(`%[1]s insert into orders (%[2]s%[3]s) select %[2]s%[4]s from %[5]s`,
		writeGiven, own, names.String(), values.String(), newOrder.unnest(param))
	update = fmt.Sprintf(`%s update orders o set status = d.status%s from %s where o.id = d.id`,
		writeGiven, changes.String(), decidedOrder.unnest(param))
	return insert, update
}()

// givenOut is what a batch gives out: tickets, the stock that they take, and how far the lines moved.
type givenOut struct {
	tickets []Ticket
	taken   map[int64]int64 // by ticket type
	lines   []advance
}

// advance is how far a batch moves an event's line.
type advance struct {
	EventID   int64
	Decisions int64
	Tickets   int64
	Number    int64 // the highest one whose turn came
}

func newGivenOut(orders int) *givenOut {
	return &givenOut{tickets: make([]Ticket, 0, orders), taken: map[int64]int64{}}
}

// give adds the tickets of a decided order. It returns the last number.
func (g *givenOut) give(o *Order, last int64) int64 {
	g.taken[o.TicketTypeID] += int64(o.Quantity)
	first := len(g.tickets)
	for range o.Quantity {
		last++
		g.tickets = append(g.tickets, given(*o, last))
	}
	o.Tickets = g.tickets[first:len(g.tickets):len(g.tickets)]
	return last
}

// given is a ticket of a decided order.
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

// advance notes how far a batch moved an event's line.
func (g *givenOut) advance(event int64, from, to lastGiven, number int64) {
	g.lines = append(g.lines, advance{event, to.Decision - from.Decision, to.Ticket - from.Ticket, number})
}

func (g *givenOut) args() []any {
	types, quantities := takenArrays(g.taken)
	return append(append([]any{types, quantities}, arrays(newTicket, g.tickets)...), arrays(advanceRow, g.lines)...)
}

// moveStock moves the stock rows; the check constraint refuses what does not fit.
const moveStock = `
	update stock set taken = taken + d.n from unnest($1::bigint[], $2::bigint[]) as d(id, n) where ticket_type_id = d.id`

// writeGiven begins a statement that ends with the orders: one round trip for all that a batch writes.
var writeGiven = `
	with s as (` + moveStock + `), t as (
		insert into tickets (` + newTicket.String() + `) select * from ` + newTicket.unnest(3) + `
	), l as (
		update lines set last_decision = last_decision + d.decisions, last_ticket = last_ticket + d.tickets,
			last_number = greatest(last_number, d.number)
		from ` + advanceRow.unnest(3+len(newTicket)) + ` where lines.event_id = d.event_id
	)`

func takenArrays(taken map[int64]int64) (types, quantities pq.Int64Array) {
	for t, n := range taken {
		types, quantities = append(types, t), append(quantities, n)
	}
	return types, quantities
}
