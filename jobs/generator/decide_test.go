package generator

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"guiche/store"
)

// anyInputs draws any inputs: few types and accounts, so that they meet.
func anyInputs(t *rapid.T) store.Inputs {
	d := store.Inputs{Free: map[int64]int{}, Held: map[int64]bool{}, Holding: map[store.Holder]store.Holding{}}
	for id := range int64(3) {
		d.Free[id] = rapid.IntRange(0, 12).Draw(t, "free")
		d.Held[id] = rapid.Bool().Draw(t, "held back")
	}
	for id := range int64(4) {
		d.Holding[store.Holder{AccountID: id, EventID: 1}] = store.Holding{
			Tickets: rapid.IntRange(0, 5).Draw(t, "held"), Open: rapid.Bool().Draw(t, "open"),
		}
	}
	for n := range rapid.IntRange(0, 30).Draw(t, "orders") {
		d.Orders = append(d.Orders, store.QueuedOrder{
			ID: uuid.New(), Number: int64(n + 1), EventID: 1, PerPerson: 4,
			TicketTypeID: rapid.Int64Range(0, 2).Draw(t, "type"), AccountID: rapid.Int64Range(0, 20).Draw(t, "account"),
			Quantity: rapid.IntRange(1, 5).Draw(t, "quantity"), Keep: rapid.Bool().Draw(t, "keep"), PriceCents: rapid.Int64Range(0, 1).Draw(t, "price"),
		})
	}
	return d
}

func clone(d store.Inputs) store.Inputs {
	return store.Inputs{Orders: d.Orders, Free: maps.Clone(d.Free), Held: maps.Clone(d.Held), Holding: maps.Clone(d.Holding)}
}

func TestDecideKeepsThePromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyInputs(t)
		decisions := Decide(clone(d))
		given, held := map[int64]int{}, map[store.Holder]int{}
		mayComeBack := maps.Clone(d.Held)
		refused := map[int64]int{} // the smallest quantity that was refused for lack of stock, by type
		for i, o := range d.Orders {
			if decisions[i].OrderID != o.ID {
				t.Fatalf("decision %d is of another order", i)
			}
			holder := store.Holder{AccountID: o.AccountID, EventID: 1}
			switch decisions[i].Status {
			case store.Reserved, store.Paid:
				given[o.TicketTypeID] += o.Quantity
				held[holder] += o.Quantity
				if d.Holding[holder].Open {
					t.Fatal("gave to an account with an open order")
				}
				if least, ok := refused[o.TicketTypeID]; ok && o.Quantity >= least {
					t.Fatal("gave to a later order what an earlier, no larger one was refused")
				}
				mayComeBack[o.TicketTypeID] = mayComeBack[o.TicketTypeID] || decisions[i].Status == store.Reserved
				if (decisions[i].Status == store.Paid) != (o.PriceCents == 0) {
					t.Fatal("only what costs nothing is paid at once")
				}
			case store.SoldOut, store.Waiting:
				if waits := decisions[i].Status == store.Waiting; waits != (o.Keep || mayComeBack[o.TicketTypeID]) {
					t.Fatalf("waits: %v, though a hold may come back: %v, and kept: %v", waits, mayComeBack[o.TicketTypeID], o.Keep)
				}
				if least, ok := refused[o.TicketTypeID]; !ok || o.Quantity < least {
					refused[o.TicketTypeID] = o.Quantity
				}
				if o.Quantity <= d.Free[o.TicketTypeID]-given[o.TicketTypeID] {
					t.Fatal("refused what was there")
				}
			case store.OverLimit:
			default:
				t.Fatalf("status %q", decisions[i].Status)
			}
		}
		for id, n := range given {
			if n > d.Free[id] {
				t.Fatalf("type %d: gave %d of %d", id, n, d.Free[id])
			}
		}
		for holder, n := range held {
			if d.Holding[holder].Tickets+n > 4 {
				t.Fatalf("over the limit: %d", d.Holding[holder].Tickets+n)
			}
		}
	})
}

func TestDecideDoesNotDependOnHowTheLineIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyInputs(t)
		whole := Decide(clone(d))
		cut := rapid.IntRange(0, len(d.Orders)).Draw(t, "cut")
		// decide leaves the inputs as the next batch finds it
		rest := clone(d)
		rest.Orders = d.Orders[:cut]
		parts := Decide(rest)
		rest.Orders = d.Orders[cut:]
		parts = append(parts, Decide(rest)...)
		if !slices.Equal(whole, parts) {
			t.Fatalf("whole %v, in parts %v", whole, parts)
		}
	})
}
