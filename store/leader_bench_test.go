package store_test

import (
	"testing"

	"github.com/google/uuid"

	base "guiche/journeys/world"
	"guiche/store"
)

// BenchmarkDecide decides batches as large as the generator's: all that a rush waits for goes through these statements.
func BenchmarkDecide(b *testing.B) {
	const batch = 500
	w := base.Empty(b)
	leader := w.Lead()
	w.Sell(leader, store.TicketType{Name: "Pista", PriceCents: 100, Capacity: 10_000_000})
	orders := make([]store.QueuedOrder, batch)
	number := int64(0)
	for b.Loop() {
		for i := range orders {
			number++
			orders[i] = w.Order(number, 1)
			orders[i].ID, orders[i].Number = uuid.Must(uuid.NewV7()), number
		}
		_, err := leader.Decide(orders, nil, everybody(store.Reserved))
		w.Check(err)
	}
	b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
