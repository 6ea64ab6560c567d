package web

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"guiche/store"
)

const (
	// catalogFresh is how long a process shows the events without asking Postgres again.
	catalogFresh = time.Second
	// catalogStale is how long it still shows them when Postgres does not answer.
	catalogStale = time.Minute
	catalogTime  = 5 * time.Second
)

// catalog keeps the published events in memory: a rush of readers costs Postgres one query a second.
type catalog struct {
	store  *store.Store
	flight singleflight.Group

	mu      sync.Mutex
	last    *listing
	changes int // calls of forget: what was read before the last one must not be kept
}

// listing is the published events at one moment. It is never changed.
type listing struct {
	events []store.Event
	bySlug map[string]store.Event
	byID   map[int64]store.Event
	at     time.Time
}

func newCatalog(s *store.Store) *catalog { return &catalog{store: s} }

// list is the published events, at most a moment old.
func (g *catalog) list(ctx context.Context) (*listing, error) {
	last := g.known()
	if last != nil && time.Since(last.at) < catalogFresh {
		return last, nil
	}
	fresh, err, _ := g.flight.Do("", func() (any, error) { return g.read(context.WithoutCancel(ctx)) })
	if err != nil {
		if last != nil && time.Since(last.at) < catalogStale {
			return last, nil
		}
		return nil, err
	}
	return fresh.(*listing), nil
}

func (g *catalog) known() *listing {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last
}

// read queries Postgres for one reader and for all who wait with her, so it does not end when she goes away.
func (g *catalog) read(ctx context.Context) (*listing, error) {
	ctx, cancel := context.WithTimeout(ctx, catalogTime)
	defer cancel()
	at, changes := time.Now(), g.changed()
	events, err := g.store.PublishedEvents(ctx)
	if err != nil {
		return nil, err
	}
	l := &listing{
		events: events, bySlug: make(map[string]store.Event, len(events)), byID: make(map[int64]store.Event, len(events)), at: at,
	}
	for _, e := range events {
		l.bySlug[e.Slug], l.byID[e.ID] = e, e
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.changes == changes {
		g.last = l
	}
	return l, nil
}

func (g *catalog) changed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changes
}

// forget makes the next reader query Postgres, after this process has changed an event.
func (g *catalog) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = nil
	g.changes++
	g.flight.Forget("")
}

// bySlug is a published event; store.ErrNotFound.
func (g *catalog) bySlug(ctx context.Context, slug string) (store.Event, error) {
	shown, err := g.list(ctx)
	if err != nil {
		return store.Event{}, err
	}
	e, ok := shown.bySlug[slug]
	if !ok {
		return store.Event{}, store.ErrNotFound
	}
	return e, nil
}

// event is the event of an order or a ticket, even if it is not in the list yet.
func (g *catalog) event(ctx context.Context, id int64) (store.Event, error) {
	shown, err := g.list(ctx)
	if err != nil {
		return store.Event{}, err
	}
	if e, ok := shown.byID[id]; ok {
		return e, nil
	}
	return g.store.Event(ctx, id)
}
