package web

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

const (
	readTogether = 500 // orders in one query
	readTime     = 5 * time.Second
)

// orderReader reads orders from Postgres, many in one query. When a batch is decided, all of its fans ask at once:
// whoever asks during a query is served by the next one, together with all who ask by then.
type orderReader struct {
	store *store.Store

	mu      sync.Mutex
	reading bool
	waiting []*orderWish
}

// orderWish is an order that somebody waits for; done is closed when it, or err, is there.
type orderWish struct {
	id    uuid.UUID
	order store.Order
	err   error
	done  chan struct{}
}

// read returns a decided order; store.ErrNotFound.
func (r *orderReader) read(ctx context.Context, id uuid.UUID) (store.Order, error) {
	wish := &orderWish{id: id, done: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, wish)
	if !r.reading {
		r.reading = true
		go r.run()
	}
	r.mu.Unlock()
	select {
	case <-wish.done:
		return wish.order, wish.err
	case <-ctx.Done():
		return store.Order{}, ctx.Err()
	}
}

// run reads until nobody waits. It works for everybody, so it does not end when one of them goes away.
func (r *orderReader) run() {
	for {
		r.mu.Lock()
		n := min(len(r.waiting), readTogether)
		wishes := r.waiting[:n:n]
		r.waiting = r.waiting[n:]
		r.reading = n > 0
		r.mu.Unlock()
		if n == 0 {
			return
		}
		r.fulfil(wishes)
	}
}

func (r *orderReader) fulfil(wishes []*orderWish) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	ids := make([]uuid.UUID, len(wishes))
	for i, w := range wishes {
		ids[i] = w.id
	}
	orders, err := r.store.Orders(ctx, ids)
	found := make(map[uuid.UUID]store.Order, len(orders))
	for _, o := range orders {
		found[o.ID] = o
	}
	for _, w := range wishes {
		o, ok := found[w.id]
		switch {
		case err != nil:
			w.err = err
		case !ok:
			w.err = store.ErrNotFound
		default:
			w.order = o
		}
		close(w.done)
	}
}
