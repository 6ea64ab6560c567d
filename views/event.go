package views

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// EventModel is an event's page with its buy form.
type EventModel struct {
	Event   store.Event
	Left    Left
	Asked   Asked
	OrderID uuid.UUID    // for the buy form; the posted one when the form comes back
	Shown   string       // what the buy form shows, signed, for the form to carry
	Was     *Terms       // what the posted form showed, if that is not true any more
	Mine    *store.Order // the account's open order for this event, or nil
	Owned   int          // tickets that the account has bought for this event
	Form    Form         // fields ticket_type, quantity, keep
}

// Asked is how many tickets are wanted by those in line and on the return list, by ticket type. A missing type is unknown.
type Asked map[int64]int

// Terms are what an order of one ticket type will be bound by.
type Terms struct {
	PriceCents, FeeCents int64
	Currency             string
	PerPerson            int
	HoldSeconds          int
	store.RefundPolicy
}

// TermsOf are the terms of a ticket type as they stand. Policies that give no more than the law are the same terms.
func TermsOf(e store.Event, t store.TicketType) Terms {
	return Terms{t.PriceCents, t.FeeCents, e.Currency, e.PerPerson, e.HoldSeconds, e.RefundPolicy.BeyondLaw()}
}

// change is a term that was shown one way and is another now.
type change struct{ What, Was, Now string }

// changes lists how the terms of the chosen ticket type differ from those that the form showed.
func (m EventModel) changes(ctx context.Context) (all []change) {
	t, _ := m.chosenType()
	was, now := *m.Was, TermsOf(m.Event, t)
	for _, term := range []struct {
		key string
		of  func(Terms) string
	}{
		{"change.price", func(s Terms) string { return Price(ctx, s.PriceCents, s.Currency) }},
		{"change.fee", func(s Terms) string { return Money(ctx, s.FeeCents, s.Currency) }},
		{"change.per_person", func(s Terms) string { return Number(ctx, s.PerPerson) }},
		{"change.hold", func(s Terms) string { return holdTime(ctx, s.HoldSeconds) }},
		{"change.refund", func(s Terms) string { return refundRule(ctx, s.RefundPolicy) }},
	} {
		if a, b := term.of(was), term.of(now); a != b {
			all = append(all, change{T(ctx, term.key), a, b})
		}
	}
	return all
}

func holdTime(ctx context.Context, seconds int) string {
	return Span(ctx, time.Duration(seconds)*time.Second)
}

// most is how many tickets can still be asked for in one order.
func (m EventModel) most() int { return m.Event.PerPerson - m.Owned }

// soldOut reports whether every ticket type is known to be sold out.
func (m EventModel) soldOut() bool { return EventCard{Event: m.Event, Left: m.Left}.soldOut() }

// chosenType is the ticket type that the form shows as selected: the one chosen before, or the only one.
func (m EventModel) chosenType() (store.TicketType, bool) {
	if v := m.Form.Value("ticket_type"); v != "" {
		id, _ := strconv.ParseInt(v, 10, 64)
		return m.Event.Type(id)
	}
	if len(m.Event.Types) == 1 {
		return m.Event.Types[0], true
	}
	return store.TicketType{}, false
}

func (m EventModel) chosen(t store.TicketType) bool {
	c, ok := m.chosenType()
	return ok && c.ID == t.ID
}

// total is what one ticket costs: of the chosen type, else at least. The script goes on with the quantity.
func (m EventModel) total(ctx context.Context) string {
	if t, ok := m.chosenType(); ok {
		return "1 × " + Price(ctx, t.PriceCents+t.FeeCents, m.Event.Currency)
	}
	if t, ok := (EventCard{Event: m.Event, Left: m.Left}).cheapest(); ok {
		return priceFrom(ctx, t, m.Event.Currency)
	}
	return ""
}

// free tells whether some of the tickets, and whether all of them, cost nothing.
func (m EventModel) free() (some, all bool) {
	all = true
	for _, t := range m.Event.Types {
		costs := t.PriceCents+t.FeeCents > 0
		some, all = some || !costs, all && !costs
	}
	return some, all
}

// priceFrom is the least that tickets cost.
func priceFrom(ctx context.Context, t store.TicketType, currency string) string {
	price := Price(ctx, t.PriceCents+t.FeeCents, currency)
	if t.PriceCents+t.FeeCents == 0 {
		return price
	}
	return T(ctx, "home.from", "Price", price)
}
