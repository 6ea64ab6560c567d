package web

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"guiche/store"
)

const (
	// holdsFresh is how long a count in memory answers: a crowd on the return list asks, and only reads it.
	holdsFresh = 2 * time.Second
	holdsTime  = 2 * time.Second
)

// holds remembers how many reservations of a ticket type may still come back.
type holds struct {
	store  *store.Store
	flight singleflight.Group

	mu    sync.Mutex
	known map[int64]holdCount
}

type holdCount struct {
	n  int
	at time.Time
}

func newHolds(s *store.Store) *holds { return &holds{store: s, known: map[int64]holdCount{}} }

// count is how many reservations of a type are not paid yet; -1 if Postgres does not say.
func (h *holds) count(ctx context.Context, typeID int64) int {
	h.mu.Lock()
	known := h.known[typeID]
	h.mu.Unlock()
	if time.Since(known.at) < holdsFresh {
		return known.n
	}
	n, err, _ := h.flight.Do(strconv.FormatInt(typeID, 10), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdsTime)
		defer cancel()
		at := time.Now()
		n, err := h.store.Holds(ctx, typeID)
		if err != nil {
			return 0, err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.known[typeID] = holdCount{n, at}
		return n, nil
	})
	if err != nil {
		return -1
	}
	return n.(int)
}
