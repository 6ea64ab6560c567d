package web

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"guiche/jobs/line"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
)

const (
	// snapshotFresh is how long a snapshot in memory answers without news.
	snapshotFresh = time.Second
	// liveEvery is how often the events that somebody follows are read again: news is only a hint.
	liveEvery = 2 * time.Second
	// liveGap is the least time between two refreshes in a burst of news.
	liveGap = 20 * time.Millisecond
	// liveTime is how long a reading may take: pages that can do without wait for it.
	liveTime = time.Second
)

// live is what this process knows of each event's line. One loop reads Redis for all who follow a line and notifies
// them when it moved; a slow browser holds nobody up.
type live struct {
	line   *line.Line
	log    *slog.Logger
	places *places
	flight singleflight.Group
	news   chan struct{} // capacity 1: something is dirty
	ended  chan struct{} // closed when run has ended

	mu        sync.Mutex
	events    map[int64]*watched
	listeners map[uuid.UUID]map[*listener]bool
	dirty     map[int64]bool     // events to read again
	moved     map[uuid.UUID]bool // orders that changed
	silent    bool               // nobody decided when the lines were last read
}

// watched is one event.
type watched struct {
	snapshot  line.Snapshot
	at        time.Time // zero before it was read
	returns   returnList
	pace      linePace
	listeners map[*listener]bool
	told      shownLine // what its listeners were last woken for, and when that was read
	toldAt    time.Time
}

func newLive(source *line.Line, log *slog.Logger) *live {
	return &live{
		line: source, log: log, places: newPlaces(), news: make(chan struct{}, 1), ended: make(chan struct{}),
		events: map[int64]*watched{}, listeners: map[uuid.UUID]map[*listener]bool{},
		dirty: map[int64]bool{}, moved: map[uuid.UUID]bool{},
	}
}

// run follows the news until ctx ends.
func (l *live) run(ctx context.Context) {
	defer close(l.ended)
	var listening sync.WaitGroup
	listening.Go(func() { l.line.Listen(ctx, l.heard, l.lost) })
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
			l.markAll()
		case <-l.news:
		}
		l.refresh(ctx)
		gap.Reset(liveGap)
		select {
		case <-ctx.Done():
			return
		case <-gap.C:
		}
	}
}

// refresh reads the dirty events, then notifies their listeners, so that these find the news in memory.
func (l *live) refresh(ctx context.Context) {
	l.mu.Lock()
	dirty, moved := l.dirty, l.moved
	l.dirty, l.moved = map[int64]bool{}, map[uuid.UUID]bool{}
	l.mu.Unlock()
	for id := range dirty {
		if _, err := l.read(ctx, id); err != nil && ctx.Err() == nil {
			l.log.Warn("event not read", "event", id, "error", err)
		}
		if !l.looksNew(id) {
			delete(dirty, id) // nobody would see anything new
		}
	}
	l.notify(dirty, moved)
}

// shownLine is all that pages say about an event's line.
type shownLine struct {
	snapshot line.Snapshot
	pace     linePace
}

// looksNew says that an event's line looks other than when its listeners were last woken, whoever read it: a browser that
// polls may have been before the loop. Then they are about to be woken.
func (l *live) looksNew(eventID int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.watch(eventID)
	if now := (shownLine{w.snapshot, w.pace.rough()}); !reflect.DeepEqual(w.told, now) {
		w.told, w.toldAt = now, w.at
		return true
	}
	// They may have found a return list in memory that was older than what they were woken for. It can be read again now.
	if at := w.returns.at; at.IsZero() || !at.Before(w.toldAt) || time.Since(at) < returnListFresh {
		return false
	}
	w.returns = returnList{}
	return true
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

// read asks Redis about events and remembers the answers.
func (l *live) read(ctx context.Context, eventIDs ...int64) ([]line.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, liveTime)
	defer cancel()
	at := time.Now()
	all, err := l.line.Snapshots(ctx, eventIDs...)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, known := range all {
		if known.Silent != l.silent {
			l.silent = known.Silent
			if known.Silent {
				l.log.Error("nobody decides: no generator has been heard for a while")
			} else {
				l.log.Info("a generator decides again")
			}
		}
		if w := l.watch(known.EventID); at.After(w.at) { // another reading may have begun later and ended sooner
			if !w.at.IsZero() {
				w.pace = w.pace.next(w.snapshot, known, at.Sub(w.at))
			}
			w.snapshot, w.at = known, at
		}
	}
	return all, nil
}

// snapshot is what is known of an event, from memory while it is fresh. It must not be changed.
func (l *live) snapshot(ctx context.Context, eventID int64) (line.Snapshot, error) {
	all, err := l.snapshots(ctx, eventID)
	return all[eventID], err
}

// snapshots is what is known of some events, by id, likewise; what is not fresh is read in one round trip.
func (l *live) snapshots(ctx context.Context, eventIDs ...int64) (map[int64]line.Snapshot, error) {
	all := make(map[int64]line.Snapshot, len(eventIDs))
	var old []int64
	l.mu.Lock()
	for _, id := range eventIDs {
		w := l.watch(id)
		all[id] = w.snapshot
		if time.Since(w.at) >= snapshotFresh {
			old = append(old, id)
		}
	}
	l.mu.Unlock()
	if len(old) == 0 {
		return all, nil
	}
	fresh, err, _ := l.flight.Do(fmt.Sprint(old), func() (any, error) {
		return l.read(context.WithoutCancel(ctx), old...)
	})
	if err != nil {
		return nil, err
	}
	for _, known := range fresh.([]line.Snapshot) {
		all[known.EventID] = known
	}
	return all, nil
}

// pace is how fast an event's line moves.
func (l *live) pace(eventID int64) linePace {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.watch(eventID).pace
}
