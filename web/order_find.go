package web

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/jobs/line"
	"guiche/store"
	"guiche/views"
)

// orderFinder finds an account's order wherever it is.
type orderFinder struct {
	store   *store.Store
	rows    *orderReader
	line    *line.Line
	live    *live
	catalog *catalog
	holds   *holds
	methods []string // of payment, between which a fan chooses
	gateway string   // that takes new charges
}

// find is what is true of an account's order now. Somebody else's is store.ErrNotFound. A crowd that waits asks again
// and again, so the sources are asked in the order of what they cost, until one is sure:
//
//  1. Memory, for an order with a row that waits: on the return list, or parked while its event is paused.
//  2. Memory, then the line in Redis, for an order whose turn is still to come. It has no row yet.
//  3. Postgres, once the turn has come or when the line does not know the order: a row wins over a place in line.
//     Without a row the decision is on its way, and the place in line is still the truth.
//  4. Postgres once more, if neither knew the order and a generator leads: see findLost.
func (f *orderFinder) find(ctx context.Context, accountID int64, id uuid.UUID) (views.OrderModel, error) {
	if o, ok := f.live.places.findWaiting(id); ok {
		m, err := f.rowModel(ctx, accountID, o)
		if err != nil || f.stillWaits(ctx, m) {
			return m, err
		}
	}
	at, lineErr := f.findInLine(ctx, id)
	switch {
	case lineErr == nil && at.AccountID != accountID:
		return views.OrderModel{}, store.ErrNotFound
	case lineErr == nil && at.queued():
		return f.queuedModel(ctx, at)
	}
	heard := f.live.places.heard()
	o, err := f.rows.read(ctx, id)
	switch {
	case err == nil:
		m, err := f.rowModel(ctx, accountID, o)
		if err == nil && f.stillWaits(ctx, m) {
			f.live.places.keepWaiting(o, heard)
		}
		return m, err
	case !errors.Is(err, store.ErrNotFound):
		return views.OrderModel{}, err
	case lineErr == nil:
		return f.queuedModel(ctx, at)
	case errors.Is(lineErr, line.ErrSetAside):
		return f.asideModel(ctx, accountID, at.QueuedOrder)
	case !errors.Is(lineErr, store.ErrNotFound):
		return views.OrderModel{}, unavailable(lineErr)
	}
	return f.findLost(ctx, accountID, id)
}

// own is the order that the path names, if it is the account's own.
func (f *orderFinder) own(c echo.Context) (views.OrderModel, error) {
	id, err := pathUUID(c, "id")
	if err != nil {
		return views.OrderModel{}, err
	}
	return f.find(c.Request().Context(), account(c).ID, id)
}

// findInLine is an order in its line, from memory while its turn is still to come; store.ErrNotFound.
func (f *orderFinder) findInLine(ctx context.Context, id uuid.UUID) (inLine, error) {
	if p, ok := f.live.places.findInLine(id); ok {
		known, err := f.live.snapshot(ctx, p.EventID)
		at := inLine{p, known}
		if err != nil || at.queued() && p.Number <= known.Joined {
			return at, err
		}
		f.live.places.dropInLine(id) // its turn came, or this line has been lost: the line itself knows
	}
	p, err := f.line.Find(ctx, id)
	if err != nil {
		return inLine{QueuedOrder: p}, err
	}
	known, err := f.live.snapshot(ctx, p.EventID)
	at := inLine{p, known}
	if err == nil && at.queued() {
		f.live.places.keepInLine(p)
	}
	return at, err
}

// findLost is an order that neither the line nor Postgres knew a moment ago. A Redis that was emptied knows nothing,
// and its last leader may still decide what it has in hand: nobody is told to join again before the next one leads.
func (f *orderFinder) findLost(ctx context.Context, accountID int64, id uuid.UUID) (views.OrderModel, error) {
	ready, err := f.line.Ready(ctx)
	if err == nil && !ready {
		err = line.ErrNotReady
	}
	if err != nil {
		return views.OrderModel{}, unavailable(err)
	}
	o, err := f.store.Order(ctx, id)
	if err != nil {
		return views.OrderModel{}, err
	}
	return f.rowModel(ctx, accountID, o)
}

// inLine is an order in its line, and what is known of that line.
type inLine struct {
	store.QueuedOrder
	known line.Snapshot
}

// queued says that, as far as is known, the order's turn is still to come.
func (i inLine) queued() bool { return isQueued(i.known, i.QueuedOrder) }

// isQueued says that, as far as is known, an order's turn is still to come.
func isQueued(known line.Snapshot, o store.QueuedOrder) bool {
	if o.Number <= known.Head {
		return false
	}
	for _, l := range known.Leavers {
		if l.Number == o.Number {
			return false
		}
	}
	return true
}
