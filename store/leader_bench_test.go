package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/store/local"
)

// BenchmarkDecide decides batches as large as the generator's: all that a rush waits for goes through these statements.
func BenchmarkDecide(b *testing.B) {
	const batch = 500
	ctx, url := b.Context(), local.NewDatabase(b)
	db, err := store.Open(ctx, url)
	check(b, err)
	defer db.Close()
	leader, err := store.Lead(ctx, url)
	check(b, err)
	defer leader.Close()
	event, err := db.CreateEvent(ctx, 0, newEvent("show"))
	check(b, err)
	kind, change, err := db.CreateTicketType(ctx, 0, store.TicketType{EventID: event.ID, Name: "Pista", PriceCents: 100, Capacity: 10_000_000})
	check(b, err)
	_, err = leader.SetCapacity([]int64{change})
	check(b, err)
	orders := make([]store.QueuedOrder, batch)
	number := int64(0)
	for b.Loop() {
		for i := range orders {
			number++
			orders[i] = store.QueuedOrder{
				ID: uuid.Must(uuid.NewV7()), EventID: event.ID, TicketTypeID: kind.ID, AccountID: number, Number: number, Quantity: 1,
				PriceCents: 10_000, FeeCents: 1000, Currency: "BRL", PerPerson: 4, HoldSeconds: 600,
				RefundPolicy: event.RefundPolicy, AcceptedAt: time.Now(),
			}
		}
		_, err := leader.Decide(orders, nil, everybody(store.Reserved))
		check(b, err)
	}
	b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
