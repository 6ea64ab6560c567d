package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// TicketStatus is the state of a ticket.
type TicketStatus string

// The states of a ticket.
const (
	TicketReserved TicketStatus = "reserved"
	TicketValid    TicketStatus = "valid"
	TicketUsed     TicketStatus = "used"
	TicketVoid     TicketStatus = "void"
)

// Ticket is one entry to an event.
type Ticket struct {
	ID           int64
	EventID      int64
	OrderID      uuid.UUID
	TicketTypeID int64
	AccountID    int64
	Number       int64 // unique in the event, rising in order of decision
	Status       TicketStatus
	BlockedAt    time.Time // its money has gone back without us; zero while it is good
}

// Good says that the ticket opens the door.
func (t Ticket) Good() bool { return t.Status == TicketValid && t.BlockedAt.IsZero() }

// ticketStands says that a ticket is paid for and was not given back.
const ticketStands = `status in ('valid', 'used')`

var (
	ticketRow     = columnsOf[Ticket]()
	ticketColumns = ticketRow.read("blocked_at")
)

// AccountTickets lists the tickets with which an account may enter, the next show first.
func (s *Store) AccountTickets(ctx context.Context, accountID int64) (tickets []Ticket, err error) {
	defer wrap(&err, "tickets of account %d", accountID)
	err = s.db.SelectContext(ctx, &tickets, `
		select `+ticketColumns+` from tickets where account_id = $1 and `+ticketStands+`
		order by (select starts_at from events where id = tickets.event_id), event_id, number`, accountID)
	return tickets, err
}

// Ticket reads one ticket.
func (s *Store) Ticket(ctx context.Context, id int64) (t Ticket, err error) {
	defer wrap(&err, "ticket %d", id)
	err = s.db.GetContext(ctx, &t, `select `+ticketColumns+` from tickets where id = $1`, id)
	return t, err
}
