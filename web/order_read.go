package web

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

const (
	readTogether = 500 // rows in one query
	readTime     = 5 * time.Second
)

type (
	orderReader   = reader[uuid.UUID, store.Order] // of orders that are decided
	accountReader = reader[int64, store.Account]   // of people who are signed in
)

func newOrderReader(s *store.Store) *orderReader {
	return &orderReader{query: func(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]store.Order, error) {
		orders, err := s.Orders(ctx, ids)
		found := make(map[uuid.UUID]store.Order, len(orders))
		for _, o := range orders {
			found[o.ID] = o
		}
		return found, err
	}}
}

// reader reads rows from Postgres, many in one query. When a batch is decided, all of its fans ask at once:
// whoever asks during a query is served by the next one, together with all who ask by then.
type reader[K comparable, V any] struct {
	query func(context.Context, []K) (map[K]V, error)

	mu      sync.Mutex
	reading bool
	waiting []*request[K, V]
}

// request is a row that somebody waits for; done is closed when it, or err, is there.
type request[K comparable, V any] struct {
	id   K
	row  V
	err  error
	done chan struct{}
}

// read returns a row; store.ErrNotFound.
func (r *reader[K, V]) read(ctx context.Context, id K) (row V, err error) {
	wish := &request[K, V]{id: id, done: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, wish)
	if !r.reading {
		r.reading = true
		go r.run()
	}
	r.mu.Unlock()
	select {
	case <-wish.done:
		return wish.row, wish.err
	case <-ctx.Done():
		return row, ctx.Err()
	}
}

// run reads until nobody waits. It works for everybody, so it does not end when one of them goes away.
func (r *reader[K, V]) run() {
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

func (r *reader[K, V]) fulfil(wishes []*request[K, V]) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	ids := make([]K, len(wishes))
	for i, w := range wishes {
		ids[i] = w.id
	}
	found, err := r.query(ctx, ids)
	for _, w := range wishes {
		row, ok := found[w.id]
		switch {
		case err != nil:
			w.err = err
		case !ok:
			w.err = store.ErrNotFound
		default:
			w.row = row
		}
		close(w.done)
	}
}
