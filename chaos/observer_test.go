package chaos

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// sighting is all that a fan knows of her order: when she first sent it, and when she was told "you are in line".
type sighting struct {
	order              uuid.UUID
	kind               int64 // ticket type
	quantity           int
	sent, acknowledged time.Time
	number             int64 // that she was shown, 0 if she did not look
}

// outcome is what became of an order, as its page shows it.
type outcome struct {
	order            uuid.UUID
	kind             int64
	quantity         int
	status           string
	number, decision int64
	waited           bool    // on the return list, where a smaller order may pass
	tickets          []int64 // their numbers
}

// given says that the order got tickets, though it may have lost them again.
func (o outcome) given() bool {
	return o.status == "reserved" || o.status == "paid" || o.status == "expired"
}

// refused says that the order got nothing for lack of stock.
func (o outcome) refused() bool { return o.status == "sold_out" || o.status == "waiting" }

// verdict counts the orders with which something is wrong.
type verdict struct {
	lost, doubled, disordered, oversold int
	why                                 []string // the first ones
}

func (v verdict) clean() bool { return v.lost+v.doubled+v.disordered+v.oversold == 0 }

func (v verdict) String() string {
	return fmt.Sprintf("lost %d, doubled %d, out of order %d, oversold %d", v.lost, v.doubled, v.disordered, v.oversold)
}

// note counts one more, and says why unless much has been said.
func (v *verdict) note(count *int, format string, args ...any) {
	*count++
	if len(v.why) < 20 {
		v.why = append(v.why, fmt.Sprintf(format, args...))
	}
}

// observe judges one event by what fans saw and what came of it. It uses no clock but the fans' and no number that they were
// not shown. It is only right if no refund has brought tickets back: they could rightly go to somebody behind a refused fan.
func observe(seen []sighting, came []outcome, capacity map[int64]int) verdict {
	var v verdict
	outcomes := make(map[uuid.UUID]outcome, len(came))
	holder, numbered := map[int64]uuid.UUID{}, map[int64]uuid.UUID{}
	out := map[int64]int{}
	for _, o := range came {
		if _, twice := outcomes[o.order]; twice {
			v.note(&v.doubled, "order %s has two outcomes", o.order)
		}
		outcomes[o.order] = o
		if other, twice := numbered[o.number]; twice && other != o.order {
			v.note(&v.doubled, "number %d is of %s and of %s", o.number, other, o.order)
		}
		numbered[o.number] = o.order
		for _, n := range o.tickets {
			if other, twice := holder[n]; twice {
				v.note(&v.doubled, "ticket %d is of %s and of %s", n, other, o.order)
			}
			holder[n] = o.order
		}
		want := 0
		if o.given() {
			want = o.quantity
		}
		if len(o.tickets) != want {
			v.note(&v.doubled, "order %s is %s with %d tickets, wants %d", o.order, o.status, len(o.tickets), want)
		}
		if o.status == "reserved" || o.status == "paid" {
			out[o.kind] += len(o.tickets)
		}
	}
	for kind, n := range out {
		if n > capacity[kind] {
			v.note(&v.oversold, "%d tickets of type %d are out, it has %d", n, kind, capacity[kind])
		}
	}
	known := []string{"reserved", "paid", "expired", "waiting", "sold_out", "over_limit"}
	var decided []sighting
	for _, s := range seen {
		o, found := outcomes[s.order]
		switch {
		case !found || !slices.Contains(known, o.status):
			v.note(&v.lost, "order %s was acknowledged and came to %q", s.order, o.status)
		case o.kind != s.kind || o.quantity != s.quantity:
			v.note(&v.doubled, "order %s wanted %d of type %d and is for %d of %d", s.order, s.quantity, s.kind, o.quantity, o.kind)
		case s.number > 0 && s.number != o.number:
			v.note(&v.doubled, "order %s was shown number %d and has %d", s.order, s.number, o.number)
		default:
			decided = append(decided, s)
		}
	}
	v.order(decided, outcomes)
	return v
}

// memory is what fans were told before Redis was emptied.
type memory struct {
	decided map[uuid.UUID]outcome // what orders had come to
	gone    []sighting            // of orders that are not known any more; these fans were told so and joined again
}

// recall checks that no decision was forgotten, and that what is gone stays gone: nobody else has its number, and no
// fan has it beside the order that she made in its place.
func (v *verdict) recall(m memory, seen []sighting, came []outcome) {
	outcomes, numbered := make(map[uuid.UUID]outcome, len(came)), make(map[int64]uuid.UUID, len(came))
	for _, o := range came {
		outcomes[o.order], numbered[o.number] = o, o.order
	}
	for _, was := range m.decided {
		now, found := outcomes[was.order]
		switch {
		case !found || was.given() && !now.given() || !was.given() && was.status != "waiting" && now.status != was.status:
			v.note(&v.lost, "order %s was %s and is %q", was.order, was.status, now.status)
		case now.number != was.number || now.kind != was.kind || now.quantity != was.quantity ||
			was.decision > 0 && now.decision != was.decision || was.given() && !slices.Equal(now.tickets, was.tickets):
			v.note(&v.doubled, "order %s was %+v and is %+v", was.order, was, now)
		}
	}
	again := make(map[uuid.UUID]bool, len(seen))
	for _, s := range seen {
		again[s.order] = true
	}
	for _, s := range m.gone {
		if other, twice := numbered[s.number]; twice {
			v.note(&v.doubled, "number %d of lost order %s is of %s", s.number, s.order, other)
		}
		if o, found := outcomes[s.order]; found && !again[s.order] {
			v.note(&v.doubled, "order %s was said to be lost and is %s", s.order, o.status)
		}
	}
}

// order checks every pair of orders of which one was acknowledged before the other was sent. Of those acknowledged so far it
// keeps only the extremes that a later one must not pass, so it looks at each order once.
func (v *verdict) order(seen []sighting, outcomes map[uuid.UUID]outcome) {
	acknowledged, sent := slices.Clone(seen), slices.Clone(seen)
	slices.SortFunc(acknowledged, func(a, b sighting) int { return a.acknowledged.Compare(b.acknowledged) })
	slices.SortFunc(sent, func(a, b sighting) int { return a.sent.Compare(b.sent) })
	var number, decision, ticket int64
	refused := map[int64]int{} // the least quantity that was refused, by type
	next := 0
	for _, later := range sent {
		for ; next < len(acknowledged) && acknowledged[next].acknowledged.Before(later.sent); next++ {
			a := outcomes[acknowledged[next].order]
			number = max(number, a.number)
			if !a.waited {
				decision = max(decision, a.decision)
				if len(a.tickets) > 0 {
					ticket = max(ticket, slices.Max(a.tickets))
				}
			}
			if a.refused() {
				refused[a.kind] = min(cmp.Or(refused[a.kind], a.quantity), a.quantity)
			}
		}
		b := outcomes[later.order]
		switch {
		case b.number <= number:
			v.note(&v.disordered, "order %s has number %d, an earlier one has %d", b.order, b.number, number)
		case !b.waited && b.decision > 0 && b.decision <= decision:
			v.note(&v.disordered, "order %s has decision %d, an earlier one has %d", b.order, b.decision, decision)
		case !b.waited && len(b.tickets) > 0 && slices.Min(b.tickets) <= ticket:
			v.note(&v.disordered, "order %s has ticket %d, an earlier one has %d", b.order, slices.Min(b.tickets), ticket)
		case b.given() && refused[b.kind] > 0 && refused[b.kind] <= b.quantity:
			v.note(&v.disordered, "order %s got %d, an earlier one for %d got none", b.order, b.quantity, refused[b.kind])
		}
	}
}
