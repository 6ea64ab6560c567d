package web

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestOrdersReadTogetherReachWhoAskedForThem(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	var ids []uuid.UUID
	for range 5 {
		fan := w.fan()
		id := fan.join(e, 2)
		fan.await(id, store.Reserved)
		ids = append(ids, id)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			id, unknown := ids[i%len(ids)], uuid.New()
			o, err := w.server.orders.finder.rows.read(t.Context(), id)
			if err != nil || o.ID != id || len(o.Tickets) != 2 || o.Tickets[0].OrderID != id {
				t.Errorf("asked for %s: %+v, %v", id, o, err)
			}
			if _, err := w.server.orders.finder.rows.read(t.Context(), unknown); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("asked for an order that nobody has: %v", err)
			}
		})
	}
	all.Wait()
}
