package web

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"guiche/jobs/line"
	"guiche/store"
)

const (
	// snapshotFresh is how long a snapshot in memory answers without news.
	snapshotFresh = time.Second
	// liveEvery is how often the events that somebody watches are read again: news is only a hint.
	liveEvery = 2 * time.Second
	// liveGap is the least time between two readings in a rush of news.
	liveGap  = 20 * time.Millisecond
	liveTime = 2 * time.Second
	// mostPlaces bounds the memory for orders that wait for their turn.
	mostPlaces = 200_000
	// mostListeners is how many browsers of one fan may follow one order.
	mostListeners = 20
	// comeBackRate is how many browsers a second should connect again when a process stops under them.
	comeBackRate  = 2000
	comeBackLeast = 500 * time.Millisecond
	// askRate and askBurst are how often one order may be asked for by browsers that poll.
	askRate, askBurst = 3, 20
)

// live keeps what this process knows of each event's line, and wakes those who listen when it changes.
// One loop reads Redis for all of them; nobody who is slow holds it up.
type live struct {
	cache  *line.Line
	log    *slog.Logger
	flight singleflight.Group
	news   chan struct{} // capacity 1: something is dirty
	ended  chan struct{} // closed when run has ended

	mu         sync.Mutex
	events     map[int64]*watched
	listeners  map[uuid.UUID]map[*listener]bool
	places     map[uuid.UUID]store.QueuedOrder // of orders that wait for their turn
	waits      map[uuid.UUID]store.Order       // on the return list, or parked
	heardSoFar uint64                          // pieces of news, and losses of news
	asked      map[uuid.UUID]*rate.Limiter
	dirty      map[int64]bool     // events to read again
	moved      map[uuid.UUID]bool // orders that changed
}

// watched is one event.
type watched struct {
	snapshot  line.Snapshot
	at        time.Time // zero before it was read
	returns   returnList
	pace      linePace
	listeners map[*listener]bool
}

// listener is one browser that looks at one order. A full channel means that it will look anyway.
type listener struct {
	line  chan struct{} // the line or the stock of the event changed
	order chan struct{} // the order changed, or may have
}

func newLive(cache *line.Line, log *slog.Logger) *live {
	return &live{
		cache: cache, log: log, news: make(chan struct{}, 1), ended: make(chan struct{}),
		events: map[int64]*watched{}, listeners: map[uuid.UUID]map[*listener]bool{},
		places: map[uuid.UUID]store.QueuedOrder{}, waits: map[uuid.UUID]store.Order{}, dirty: map[int64]bool{}, moved: map[uuid.UUID]bool{},
		asked: map[uuid.UUID]*rate.Limiter{},
	}
}

// run listens for news until ctx ends.
func (l *live) run(ctx context.Context) {
	defer close(l.ended)
	var listening sync.WaitGroup
	listening.Go(func() { l.cache.Listen(ctx, l.heard, l.lost) })
	defer listening.Wait()
	every := time.NewTicker(liveEvery)
	defer every.Stop()
	gap := time.NewTimer(0)
	defer gap.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			l.again()
		case <-l.news:
		}
		l.look(ctx)
		gap.Reset(liveGap)
		select {
		case <-ctx.Done():
			return
		case <-gap.C:
		}
	}
}

// heard notes a piece of news; the loop reads it up.
func (l *live) heard(n line.News) {
	l.mu.Lock()
	l.heardSoFar++
	if l.events[n.EventID] != nil {
		l.dirty[n.EventID] = true
	}
	for _, id := range n.Orders {
		delete(l.places, id)
		delete(l.waits, id)
		if len(l.listeners[id]) > 0 {
			l.moved[id] = true
		}
	}
	l.mu.Unlock()
	wake(l.news)
}

// lost notes that news may have been missed: everything that somebody watches is read again.
func (l *live) lost() {
	l.mu.Lock()
	l.heardSoFar++
	clear(l.waits)
	for id := range l.listeners {
		l.moved[id] = true
	}
	l.mu.Unlock()
	l.again()
	wake(l.news)
}

// again marks every event that somebody watches.
func (l *live) again() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, w := range l.events {
		if len(w.listeners) > 0 {
			l.dirty[id] = true
		}
	}
}

// look reads what is dirty, then wakes the listeners, so that they find the news in memory.
func (l *live) look(ctx context.Context) {
	l.mu.Lock()
	dirty, moved := l.dirty, l.moved
	l.dirty, l.moved = map[int64]bool{}, map[uuid.UUID]bool{}
	l.mu.Unlock()
	for id := range dirty {
		before := l.shown(id)
		if _, err := l.read(ctx, id); err != nil && ctx.Err() == nil {
			l.log.Warn("event not read", "event", id, "error", err)
		}
		if reflect.DeepEqual(before, l.shown(id)) {
			delete(dirty, id) // nobody would see anything new
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range dirty {
		for one := range l.events[id].listeners {
			wake(one.line)
		}
	}
	for id := range moved {
		for one := range l.listeners[id] {
			wake(one.order)
		}
	}
}

// shownLine is all that pages say of an event's line.
type shownLine struct {
	snapshot line.Snapshot
	pace     linePace
}

func (l *live) shown(eventID int64) shownLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.watch(eventID)
	return shownLine{w.snapshot, w.pace.rough()}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}

// watch is what is kept of an event; mu is held.
func (l *live) watch(eventID int64) *watched {
	w := l.events[eventID]
	if w == nil {
		w = &watched{listeners: map[*listener]bool{}}
		l.events[eventID] = w
	}
	return w
}

// read asks Redis for an event and remembers the answer.
func (l *live) read(ctx context.Context, eventID int64) (line.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, liveTime)
	defer cancel()
	at := time.Now()
	known, err := l.cache.Snapshot(ctx, eventID)
	if err != nil {
		return line.Snapshot{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.watch(eventID); at.After(w.at) { // another reading may have begun later and ended sooner
		if !w.at.IsZero() {
			w.pace = w.pace.next(w.snapshot, known, at.Sub(w.at))
		}
		w.snapshot, w.at = known, at
	}
	return known, nil
}

// snapshot is what is known of an event, from memory if it is fresh. It must not be changed.
func (l *live) snapshot(ctx context.Context, eventID int64) (line.Snapshot, error) {
	l.mu.Lock()
	w := l.watch(eventID)
	known, at := w.snapshot, w.at
	l.mu.Unlock()
	if time.Since(at) < snapshotFresh {
		return known, nil
	}
	fresh, err, _ := l.flight.Do(fmt.Sprint(eventID), func() (any, error) {
		return l.read(context.WithoutCancel(ctx), eventID)
	})
	if err != nil {
		return line.Snapshot{}, err
	}
	return fresh.(line.Snapshot), nil
}

// pace is how fast an event's line moves.
func (l *live) pace(eventID int64) linePace {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watch(eventID).pace
}

// listen wakes a listener when the order or its event's line changes, until stop.
func (l *live) listen(eventID int64, orderID uuid.UUID) (one *listener, stop func()) {
	one = &listener{line: make(chan struct{}, 1), order: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watch(eventID).listeners[one] = true
	if l.listeners[orderID] == nil {
		l.listeners[orderID] = map[*listener]bool{}
	}
	l.listeners[orderID][one] = true
	return one, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watch(eventID).listeners, one)
		delete(l.listeners[orderID], one)
		if len(l.listeners[orderID]) == 0 {
			delete(l.listeners, orderID)
		}
	}
}

// crowded says that an order is followed by as many browsers as one may be.
func (l *live) crowded(orderID uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.listeners[orderID]) >= mostListeners
}

// comeBack is how long a browser should wait before it connects again. Chance spreads those that lose this process
// together, the wider the more there are.
func (l *live) comeBack() time.Duration {
	l.mu.Lock()
	n := len(l.listeners)
	l.mu.Unlock()
	return comeBackLeast + rand.N(time.Second+time.Duration(n)*time.Second/comeBackRate)
}

// mayAsk counts a request for an order by a browser that polls.
func (l *live) mayAsk(id uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.asked[id]
	if one == nil {
		if len(l.asked) >= mostPlaces {
			clear(l.asked)
		}
		one = rate.NewLimiter(askRate, askBurst)
		l.asked[id] = one
	}
	return one.Allow()
}

// place is where an order was found in line before; what it says of the order does not change while it waits.
func (l *live) place(id uuid.UUID) (p store.QueuedOrder, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok = l.places[id]
	return p, ok
}

// keepPlace remembers where an order stands, so that asking again reaches neither Redis nor Postgres.
func (l *live) keepPlace(p store.QueuedOrder) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.places) >= mostPlaces {
		clear(l.places) // they are found again, one by one
	}
	l.places[p.ID] = p
}

// dropPlace forgets an order whose turn came.
func (l *live) dropPlace(id uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.places, id)
}
