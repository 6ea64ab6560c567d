package web

import (
	"math/rand/v2"
	"time"

	"guiche/jobs/line"

	"github.com/google/uuid"
)

const (
	// reconnectRate is how many browsers a second should connect again when a process stops under them.
	reconnectRate  = 2000
	reconnectLeast = 500 * time.Millisecond
)

// listener is one browser that follows one order. A full channel means that it is going to ask anyway.
type listener struct {
	line  chan struct{} // the line or the stock of the event changed
	order chan struct{} // the order changed, or may have
	over  chan struct{} // some session ended
}

// listen notifies a listener when the order or its event's line changes, until stop.
func (l *live) listen(eventID int64, orderID uuid.UUID) (one *listener, stop func()) {
	one = &listener{line: make(chan struct{}, 1), order: make(chan struct{}, 1), over: make(chan struct{}, 1)}
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

// reconnectAfter is how long a browser should wait before it connects again. Jitter spreads those that lose this
// process together, the wider the more there are.
func (l *live) reconnectAfter() time.Duration {
	l.mu.Lock()
	n := len(l.listeners)
	l.mu.Unlock()
	return reconnectLeast + rand.N(time.Second+time.Duration(n)*time.Second/reconnectRate)
}

// heard marks what a piece of news is about; the loop reads it.
func (l *live) heard(n line.News) {
	l.places.forget(n.Orders)
	l.mu.Lock()
	if l.events[n.EventID] != nil {
		l.dirty[n.EventID] = true
	}
	for _, id := range n.Orders {
		if len(l.listeners[id]) > 0 {
			l.moved[id] = true
		}
	}
	l.mu.Unlock()
	wake(l.news)
}

// lost says that news may have been missed: everything that somebody follows is read again.
func (l *live) lost() {
	l.places.forgetWaiting()
	l.mu.Lock()
	for id := range l.listeners {
		l.moved[id] = true
	}
	l.mu.Unlock()
	l.markAll()
	wake(l.news)
}

// hangUp has everybody look whether her session has ended.
func (l *live) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, same := range l.listeners {
		for one := range same {
			wake(one.over)
		}
	}
}

// markAll marks every event that somebody follows.
func (l *live) markAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, w := range l.events {
		if len(w.listeners) > 0 {
			l.dirty[id] = true
		}
	}
}

// notify wakes those who follow these events and orders.
func (l *live) notify(events map[int64]bool, orders map[uuid.UUID]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range events {
		for one := range l.events[id].listeners {
			wake(one.line)
		}
	}
	for id := range orders {
		for one := range l.listeners[id] {
			wake(one.order)
		}
	}
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // a wake-up that nobody has taken yet stands for this one too
	}
}
