package views

import (
	"cmp"
	"slices"
	"time"

	"guiche/store"
)

// Left is how many tickets are available, by ticket type. A missing type is unknown.
type Left map[int64]int

// EventCard is an event as the front page shows it.
type EventCard struct {
	store.Event
	Left Left
}

// HomeModel is the front page.
type HomeModel struct {
	Events []EventCard // every published event, in any order
}

// shelf is one section of the front page.
type shelf struct {
	key    string
	events []EventCard
}

// shelves groups events: on sale, opening soon, sold out and past.
func (m HomeModel) shelves(now time.Time) []shelf {
	open, ahead := shelf{key: "home.open"}, shelf{key: "home.ahead"}
	gone, over := shelf{key: "home.gone"}, shelf{key: "home.over"}
	for _, e := range m.Events {
		switch e.Sale(now) {
		case store.SaleOpen:
			if e.soldOut() {
				gone.events = append(gone.events, e)
			} else {
				open.events = append(open.events, e)
			}
		case store.SaleAhead:
			ahead.events = append(ahead.events, e)
		case store.SaleOver:
			over.events = append(over.events, e)
		}
	}
	byShow := func(a, b EventCard) int { return a.StartsAt.Compare(b.StartsAt) }
	slices.SortStableFunc(open.events, byShow)
	slices.SortStableFunc(gone.events, byShow)
	slices.SortStableFunc(over.events, func(a, b EventCard) int { return byShow(b, a) })
	slices.SortStableFunc(ahead.events, func(a, b EventCard) int { return a.SaleStartsAt.Compare(b.SaleStartsAt) })
	return slices.DeleteFunc([]shelf{open, ahead, gone, over}, func(s shelf) bool { return len(s.events) == 0 })
}

// soldOut reports whether every ticket type is known to be sold out.
func (e EventCard) soldOut() bool {
	for _, t := range e.Types {
		if left, known := e.Left[t.ID]; !known || left > 0 {
			return false
		}
	}
	return len(e.Types) > 0
}

// left adds up the tickets left; known is false if the count of some type is missing.
func (e EventCard) left() (n int, known bool) {
	for _, t := range e.Types {
		left, ok := e.Left[t.ID]
		if !ok {
			return 0, false
		}
		n += left
	}
	return n, len(e.Types) > 0
}

// cheapest is the ticket type with the lowest price and fee among those that may still be available.
func (e EventCard) cheapest() (store.TicketType, bool) {
	types := slices.DeleteFunc(slices.Clone(e.Types), func(t store.TicketType) bool { return gone(e.Left, t) })
	if len(types) == 0 {
		return store.TicketType{}, false
	}
	return slices.MinFunc(types, func(a, b store.TicketType) int {
		return cmp.Compare(a.PriceCents+a.FeeCents, b.PriceCents+b.FeeCents)
	}), true
}

// place is the venue and city of an event, in one line.
func place(e store.Event) string {
	switch {
	case e.Venue == "":
		return e.City
	case e.City == "":
		return e.Venue
	}
	return e.Venue + ", " + e.City
}
