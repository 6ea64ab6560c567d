package store

import (
	"time"

	"github.com/google/uuid"
)

// QueuedOrder is an accepted order as it stands in the line, with the rules that were in force when it was accepted.
// The names in its tags stand in Redis: jobs/testdata holds them, and docs/migrations.md says how they may change.
type QueuedOrder struct {
	ID           uuid.UUID `json:"ID"`
	EventID      int64     `json:"EventID"`
	TicketTypeID int64     `json:"TicketTypeID"`
	AccountID    int64     `json:"AccountID"`
	Number       int64     `json:"-"` // in the event's line, from 1; given when it joins
	Before       int64     `json:"-"` // tickets of its type asked for before it in the line; likewise
	Quantity     int       `json:"Quantity"`
	PriceCents   int64     `json:"PriceCents"`
	FeeCents     int64     `json:"FeeCents"`
	Currency     string    `json:"Currency"`
	PerPerson    int       `json:"PerPerson"`
	HoldSeconds  int       `json:"HoldSeconds"`
	RefundPolicy
	Keep       bool      `json:"Keep"` // wants what comes back even when everything is sold
	AcceptedAt time.Time `json:"AcceptedAt"`
}

// AmountCents is what the whole order costs, fee included.
func (o QueuedOrder) AmountCents() int64 { return int64(o.Quantity) * (o.PriceCents + o.FeeCents) }

// Order is an order with what became of it. One that is still in line has no row, unless it was parked.
type Order struct {
	QueuedOrder
	Status        OrderStatus
	Returned      int       // tickets given back
	Decision      int64     // order of deciding in the event; 0 before
	WaitedAt      time.Time // came to the return list; zero if it never did
	DecidedAt     time.Time
	ReservedUntil time.Time // zero if it never held tickets
	Extended      bool      // the fan took her one extension
	RetryExtra    int       // seconds that declined cards have added to the hold
	OutageExtra   int       // seconds that outages of the payment API have added
	LateAt        time.Time // its money came after the hold had ended, and its tickets were still free
	PaidAt        time.Time
	EndedAt       time.Time // expired, left or refunded
	Tickets       []Ticket
	Charge        *Charge         // the newest one
	Refunds       []Refund        // oldest first
	Refused       []RefusedMethod // while it is reserved
}

var (
	orderRow     = columnsOf[Order]()
	orderColumns = orderRow.read("decision", "waited_at", "decided_at", "reserved_until", "late_at", "paid_at", "ended_at")
)
