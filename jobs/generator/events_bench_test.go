package generator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/store"
)

const (
	eventOrders = 20_000 // of all events together
	manyEvents  = 100
)

// benchEvents measures what it costs that orders are for many events instead of one.
func benchEvents(b *testing.B, t *strings.Builder) {
	one, many := drainEvents(b, 1), drainEvents(b, manyEvents)
	fmt.Fprintf(t, "## Many events at once\n\n%d orders in line, of one event or of several in turn.\n\n", eventOrders)
	fmt.Fprintf(t, "| events | orders/s | beside one |\n|---|---|---|\n| 1 | %.0f | 1.00 |\n| %d | %.0f | %.2f |\n", one, manyEvents, many, many/one)
}

// drainEvents serves a line of so many events. It returns orders per second.
func drainEvents(b *testing.B, events int) float64 {
	b.Helper()
	w := benchWorld(b, eventOrders)
	types := []store.TicketType{w.Event.Types[0]}
	for i := 1; i < events; i++ {
		types = append(types, w.anotherEvent(i))
	}
	var all sync.WaitGroup
	next := make(chan int, 64)
	for range 32 {
		all.Go(func() {
			for i := range next {
				o := w.Order(int64(i+1), 1)
				kind := types[i%events]
				o.ID, o.EventID, o.TicketTypeID = uuid.Must(uuid.NewV7()), kind.EventID, kind.ID
				if _, err := w.Line.Join(w.Ctx, o); err != nil {
					w.T.Error(err)
				}
			}
		})
	}
	for i := range eventOrders {
		next <- i
	}
	close(next)
	all.Wait()
	ids := make([]int64, events)
	for i, kind := range types {
		ids[i] = kind.EventID
	}
	stop := w.Generator()
	defer stop()
	start := time.Now()
	w.until(func() bool {
		lines, err := w.Line.Snapshots(w.Ctx, ids...)
		w.Check(err)
		return !slices.ContainsFunc(lines, func(s line.Snapshot) bool { return s.InLine() > 0 })
	})
	return eventOrders / time.Since(start).Seconds()
}

// anotherEvent opens a sale behind the generator's back, with tickets for everybody.
func (w *bench) anotherEvent(n int) (kind store.TicketType) {
	w.T.Helper()
	w.Check(w.Raw.QueryRow(`
		with e as (insert into events (slug, name, starts_at, sale_starts_at, sale_ends_at, status)
			values ('show-' || $1::int, 'Show', now() + interval '30 days', now() - interval '1 hour', now() + interval '1 day', 'published') returning id),
		t as (insert into ticket_types (event_id, name, price_cents) select id, 'Pista', 1000 from e returning id, event_id),
		s as (insert into stock select id, $2::int, 0 from t),
		l as (insert into lines (event_id, opened) select event_id, true from t)
		select id, event_id from t`, n, eventOrders).Scan(&kind.ID, &kind.EventID))
	return kind
}
