package store

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// Errors that callers tell apart. Everything else is an internal error.
var (
	ErrNotFound   = errors.New("not found")
	ErrEmailTaken = errors.New("e-mail taken")
	ErrCPFTaken   = errors.New("CPF taken")
	ErrSlugTaken  = errors.New("slug taken")
	ErrNameTaken  = errors.New("name taken")
	// ErrState says that a guarded transition found another state than it needs.
	ErrState = errors.New("not possible in this state")
)

// Role is what an account may do.
type Role string

// The roles.
const (
	Fan   Role = "fan"
	Staff Role = "staff" // works at the gate
	Admin Role = "admin"
)

// Account is a person who signed up.
type Account struct {
	ID           int64
	Role         Role
	Name         string
	Email        string // lower case
	CPF          string // 11 digits, or empty
	PasswordHash string
	Language     string    // BCP 47: "pt-BR" or "en"
	ConfirmedAt  time.Time // the e-mail is hers; zero while nobody knows
	CreatedAt    time.Time
}

// EventStatus is how far an event is.
type EventStatus string

// The states of an event.
const (
	Draft          EventStatus = "draft"
	Published      EventStatus = "published"
	EventCancelled EventStatus = "cancelled"
)

// Event is a show with its ticket types and the rules of its sale.
type Event struct {
	ID           int64
	Slug         string
	Name         string
	Description  string
	Venue        string
	City         string
	TimeZone     string // IANA name
	StartsAt     time.Time
	SaleStartsAt time.Time
	SaleEndsAt   time.Time
	Status       EventStatus
	Currency     string // ISO 4217
	PerPerson    int    // tickets per account
	HoldSeconds  int    // time to pay
	HoldExtras
	RefundPolicy
	Paused      bool      // nobody is served; who joins is parked in order
	CancelledAt time.Time // zero unless it is
	SettledAt   time.Time // a cancelled event has no order left to undo
	CreatedAt   time.Time
	Types       []TicketType // by position
}

// HoldExtras says how much longer a hold may become, in seconds.
type HoldExtras struct {
	ExtendSeconds int // added once, when the fan asks for it
	RetrySeconds  int // left at least after a declined card
	RetryMost     int // added by declined cards in all
	OutageMost    int // added while the payment API does not answer, in all
}

// DefaultHoldExtras are those of an event whose admin chose no others.
var DefaultHoldExtras = HoldExtras{ExtendSeconds: 300, RetrySeconds: 120, RetryMost: 600, OutageMost: 900}

// RefundPolicy says until when a fan may give tickets back, and what returns to her.
type RefundPolicy struct {
	RefundDays  int  `json:"RefundDays"`  // after paying
	RefundHours int  `json:"RefundHours"` // at least so long before the show
	RefundFee   bool `json:"RefundFee"`   // the fee comes back too
}

// TicketType is one kind of ticket of an event.
type TicketType struct {
	ID          int64
	EventID     int64
	Name        string
	Description string
	Position    int
	PriceCents  int64 // per ticket
	FeeCents    int64 // per ticket, on top of the price
	Capacity    int
	Taken       int // held or sold, as Postgres knows it
}

// Type finds a ticket type of the event by its id.
func (e Event) Type(id int64) (TicketType, bool) {
	for _, t := range e.Types {
		if t.ID == id {
			return t, true
		}
	}
	return TicketType{}, false
}

// Location is the event's own time zone; UTC if its name is unknown to this machine.
func (e Event) Location() *time.Location {
	if loc, err := time.LoadLocation(e.TimeZone); err == nil {
		return loc
	}
	return time.UTC
}

// SaleState is where the clock of a sale stands.
type SaleState string

// The states of a sale.
const (
	SaleAhead SaleState = "ahead"
	SaleOpen  SaleState = "open"
	SaleOver  SaleState = "over"
)

// Sale tells the state of the sale at a moment.
func (e Event) Sale(now time.Time) SaleState {
	switch {
	case e.Status != Published || !now.Before(e.SaleEndsAt):
		return SaleOver
	case now.Before(e.SaleStartsAt):
		return SaleAhead
	}
	return SaleOpen
}

// OrderStatus is the state of an order; DESIGN's section 3 names the transitions.
type OrderStatus string

// The states of an order.
const (
	Queued         OrderStatus = "queued"
	Waiting        OrderStatus = "waiting" // on the return list
	Reserved       OrderStatus = "reserved"
	Paid           OrderStatus = "paid"
	Refunded       OrderStatus = "refunded"
	SoldOut        OrderStatus = "sold_out"
	OverLimit      OrderStatus = "over_limit"
	Left           OrderStatus = "left"
	Expired        OrderStatus = "expired"
	OrderCancelled OrderStatus = "cancelled"
)

// Open says that the order still holds its account's place for the event.
func (s OrderStatus) Open() bool { return s == Queued || s == Waiting || s == Reserved }

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

// Order is an order with its outcome. An order that is still queued has no row yet: see jobs.Line.
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
	Charge        *Charge  // the newest one
	Refunds       []Refund // oldest first
}

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
}

// ChargeStatus is what we know of a charge.
type ChargeStatus string

// The states of a charge.
const (
	ChargeNew       ChargeStatus = "new"  // written, not yet known to the gateway
	ChargeOpen      ChargeStatus = "open" // can be paid
	ChargeCaptured  ChargeStatus = "captured"
	ChargeLate      ChargeStatus = "late"    // paid after its hold had ended: the generator gives the tickets if it can
	ChargeSurplus   ChargeStatus = "surplus" // paid, but gives no ticket: goes back
	ChargeFailed    ChargeStatus = "failed"
	ChargeCancelled ChargeStatus = "cancelled"
	ChargeAbandoned ChargeStatus = "abandoned" // given up without the gateway's word, which is still asked for
)

// Ended says that nobody should be able to pay the charge any more.
func (s ChargeStatus) Ended() bool {
	return s == ChargeFailed || s == ChargeCancelled || s == ChargeAbandoned
}

// Charge is what the payment API is asked to take for an order.
type Charge struct {
	ID          uuid.UUID // our reference at the gateway, and the idempotency key
	OrderID     uuid.UUID
	Gateway     string
	GatewayID   string
	Method      string // that the fan chose; empty where the gateway's own page asks
	Status      ChargeStatus
	AmountCents int64 // asked for
	Currency    string
	Pending     bool  // the fan has done her part, the gateway is not sure yet
	PaidCents   int64 // taken
	PayURL      string
	PixCode     string
	ExpiresAt   time.Time
	CreatedAt   time.Time
	SettledAt   time.Time // the gateway's word came; zero before
}

// RefundStatus is how far a refund is.
type RefundStatus string

// The states of a refund.
const (
	RefundOwed    RefundStatus = "owed"
	RefundDone    RefundStatus = "done"
	RefundRefused RefundStatus = "refused" // the gateway will not do it: a person has to look
)

// Refund is money owed to a fan until the gateway has confirmed it.
type Refund struct {
	ID          uuid.UUID // idempotency key
	OrderID     uuid.UUID
	ChargeID    uuid.NullUUID
	Reason      string // "fan", "admin", "surplus" or "cancelled"
	AdminID     int64  // the admin who did it; 0 if none
	Note        string // why, in the admin's words
	Quantity    int    // tickets taken back
	AmountCents int64
	FeeCents    int64 // the part of it that was fee
	Status      RefundStatus
	AskedAt     time.Time
	DoneAt      time.Time
}
