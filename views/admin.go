package views

import (
	"net/url"
	"strconv"
	"time"

	"guiche/store"
)

// Books are the counts of a ticket type, recounted from rows. They balance when held + sold + free = capacity.
type Books struct {
	Capacity int
	Held     int
	Sold     int
	Free     int // capacity - taken, as the stock row says
	InLine   int // tickets wanted by orders that are queued or waiting
}

// Balanced reports whether the books add up.
func (b Books) Balanced() bool { return b.Held+b.Sold+b.Free == b.Capacity }

func (b Books) plus(o Books) Books {
	return Books{b.Capacity + o.Capacity, b.Held + o.Held, b.Sold + o.Sold, b.Free + o.Free, b.InLine + o.InLine}
}

// CapacityChange is the latest request to change a capacity.
type CapacityChange struct {
	Capacity int
	Outcome  string // "asked", "done" or "refused"
	AskedAt  time.Time
}

// TypeBooks is a ticket type with its books.
type TypeBooks struct {
	Type   store.TicketType
	Books  Books
	Change *CapacityChange // nil if the capacity was never changed
}

// AdminEventItem is an event in the admins' list.
type AdminEventItem struct {
	Event store.Event
	Books Books // of all its types
}

// AdminHealth is what keeps those who work behind the scenes from doing so.
type AdminHealth struct {
	Unknown bool          // Redis does not say
	Silent  time.Duration // since when no generator has been heard; 0 while one is
	NoSweep time.Duration // since when no worker has finished its round; 0 while one does
	Aside   int           // tasks that are set aside now
}

// Ill says that somebody has to look.
func (h AdminHealth) Ill() bool { return h != AdminHealth{} }

// AdminEventsModel lists all events, and what needs attention.
type AdminEventsModel struct {
	Health  AdminHealth
	Events  []AdminEventItem
	Stuck   []store.StuckRefund   // that need a person
	Notices []store.NoticeTrouble // gateways whose notices do not come
	Outages []store.Outage        // the newest
	Refused []store.Refusals      // why charges were not made lately
	Gone    []store.GoneMoney     // that went back without the shop
	Claims  int                   // to a CPF, that wait for a decision
	Bounced int                   // people whose letters come back
}

// EventFormModel is the form to create or edit an event.
type EventFormModel struct {
	Event store.Event // as it stands; zero for a new one
	Form  Form        // fields: see EventValues
	Key   string      // names the form of a new event, so that sending it twice makes one
	Late  *LateRefunds
}

// LateRefunds warns that what is paid early for an event cannot go back through the payment API at its end; nil if all can.
type LateRefunds struct {
	Days   int       // for which the payment API gives money back
	Before time.Time // what is paid before this is out of its reach when the event begins
}

// AdminEventModel is an event with its types and their books.
type AdminEventModel struct {
	Event    store.Event
	InLine   int    // orders
	TypeKey  string // names the form of a new type, as EventFormModel.Key
	Types    []TypeBooks
	Progress *store.CancelProgress // nil unless the event is cancelled
	Late     *LateRefunds
	// Failed is the form that came back with errors: its type (0 for the new one), which of the two forms, and what was typed.
	Failed         Form
	FailedType     int64
	FailedCapacity bool
}

// AdminOrderItem is an order as admins see it.
type AdminOrderItem struct {
	Order store.Order
	Type  string // name of the ticket type
	Name  string // of the account
	Email string
}

// AdminOrdersModel is one page of an event's orders.
type AdminOrdersModel struct {
	Event  store.Event
	Orders []AdminOrderItem
	Status store.OrderStatus // only orders in this state are shown; empty for all
	Pages
}

// Pages are the ways from one page of a long list to the pages beside it, as queries; nil where there is none.
type Pages struct{ Newer, Older url.Values }

// NewEventValues are the initial values of the form for a new event.
func NewEventValues() map[string]string {
	return map[string]string{
		"time_zone": "America/Sao_Paulo", "currency": "BRL", "per_person": "4", "hold_seconds": "600",
		"extend_seconds": strconv.Itoa(store.DefaultHoldExtras.ExtendSeconds), "retry_seconds": strconv.Itoa(store.DefaultHoldExtras.RetrySeconds),
		"retry_most": strconv.Itoa(store.DefaultHoldExtras.RetryMost), "outage_most": strconv.Itoa(store.DefaultHoldExtras.OutageMost),
		"refund_days": "7", "refund_hours": "48", "refund_fee": "on",
	}
}

// EventValues are the values of an event's form, by field name.
func EventValues(e store.Event) map[string]string {
	loc := e.Location()
	v := map[string]string{
		"name": e.Name, "slug": e.Slug, "description": e.Description, "venue": e.Venue, "city": e.City,
		"time_zone":      e.TimeZone,
		"currency":       e.Currency,
		"per_person":     strconv.Itoa(e.PerPerson),
		"hold_seconds":   strconv.Itoa(e.HoldSeconds),
		"extend_seconds": strconv.Itoa(e.ExtendSeconds),
		"retry_seconds":  strconv.Itoa(e.RetrySeconds),
		"retry_most":     strconv.Itoa(e.RetryMost),
		"outage_most":    strconv.Itoa(e.OutageMost),
		"refund_days":    strconv.Itoa(e.RefundDays),
		"refund_hours":   strconv.Itoa(e.RefundHours),
	}
	for name, at := range map[string]time.Time{"starts_at": e.StartsAt, "sale_starts_at": e.SaleStartsAt, "sale_ends_at": e.SaleEndsAt} {
		v[name], v[OffsetField(name)] = localTime(at, loc), offsetOf(at, loc)
	}
	if e.RefundFee {
		v["refund_fee"] = "on"
	}
	return v
}

// TypeValues are the values of a ticket type's form, with money as people type it in the language. The form asks for the
// capacity only when the type is new.
func TypeValues(language string, t store.TicketType, currency string) map[string]string {
	return map[string]string{
		"name": t.Name, "description": t.Description, "position": strconv.Itoa(t.Position),
		"price": TypedMoney(language, t.PriceCents, currency), "fee": TypedMoney(language, t.FeeCents, currency),
		"capacity": strconv.Itoa(t.Capacity),
	}
}
