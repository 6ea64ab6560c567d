package web

import (
	"sync"

	"github.com/google/uuid"

	"guiche/store"
)

// mostPlaces bounds the memory for orders that wait.
const mostPlaces = 200_000

// places remembers where orders were found, so that a page which asks again reaches neither Redis nor Postgres.
type places struct {
	mu      sync.Mutex
	inLine  map[uuid.UUID]store.QueuedOrder // wait for their turn
	waiting map[uuid.UUID]store.Order       // have a row and wait nevertheless: on the return list, or parked
	news    uint64                          // pieces of news so far, and losses of news
}

func newPlaces() *places {
	return &places{inLine: map[uuid.UUID]store.QueuedOrder{}, waiting: map[uuid.UUID]store.Order{}}
}

// findInLine is where an order stood in line; that does not change while it waits.
func (r *places) findInLine(id uuid.UUID) (p store.QueuedOrder, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok = r.inLine[id]
	return p, ok
}

// keepInLine remembers an order whose turn is still to come.
func (r *places) keepInLine(p store.QueuedOrder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.inLine) >= mostPlaces {
		clear(r.inLine) // they are found again, one by one
	}
	r.inLine[p.ID] = p
}

// dropInLine forgets an order whose turn came.
func (r *places) dropInLine(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inLine, id)
}

// findWaiting is an order that waited when its row was read.
func (r *places) findWaiting(id uuid.UUID) (o store.Order, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, ok = r.waiting[id]
	return o, ok
}

// heard counts the news so far, for keepWaiting.
func (r *places) heard() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.news
}

// keepWaiting remembers an order that waits until there is news of it, unless there has been news since it was read.
func (r *places) keepWaiting(o store.Order, heard uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.news != heard {
		return
	}
	if len(r.waiting) >= mostPlaces {
		clear(r.waiting) // they are found again, one by one
	}
	r.waiting[o.ID] = o
}

// forget drops orders of which there is news.
func (r *places) forget(ids []uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news++
	for _, id := range ids {
		delete(r.inLine, id)
		delete(r.waiting, id)
	}
}

// forgetWaiting drops every order with a row, since news of it may have been missed. A place in line needs no news: the
// head of the line tells when its turn has come.
func (r *places) forgetWaiting() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news++
	clear(r.waiting)
}
