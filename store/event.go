package store

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

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
	Paused      bool      // orders are parked as they come
	CancelledAt time.Time // zero unless it is
	SettledAt   time.Time // the last order of a cancelled event was undone
	CreatedAt   time.Time
	FormID      uuid.NullUUID // of the form that made it
	Types       []TicketType  // by position
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

// RefundPolicy says until when a fan may give tickets back, and what she gets for them.
type RefundPolicy struct {
	RefundDays  int  `json:"RefundDays"`  // after paying
	RefundHours int  `json:"RefundHours"` // at the latest so long before the show
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
	Taken       int           // held or sold, as Postgres knows it
	FormID      uuid.NullUUID // of the form that made it
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
	if loc, known := locations.Load(e.TimeZone); known {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		return time.UTC
	}
	locations.Store(e.TimeZone, loc)
	return loc
}

// locations are the time zones that events are in, by name: time reads the file of one each time that it is asked for, and
// pages ask for each fan who waits.
var locations sync.Map

// SaleState is whether a sale has begun, or has ended.
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
