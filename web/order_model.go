package web

import (
	"context"

	"guiche/store"
	"guiche/views"
)

// bareModel knows nothing of the line.
func (f *orderFinder) bareModel(ctx context.Context, o store.Order) (views.OrderModel, error) {
	e, err := f.catalog.event(ctx, o.EventID)
	if err != nil {
		return views.OrderModel{}, err
	}
	t, _ := e.Type(o.TicketTypeID) // a row of Postgres: it is one of the event's
	return views.OrderModel{Event: e, Type: t, Order: o, Left: -1, Holds: -1, Methods: f.methods, Gateway: f.gateway}, nil
}

// queuedModel is an order that waits for its turn, or for the decision that is being made.
func (f *orderFinder) queuedModel(ctx context.Context, at inLine) (views.OrderModel, error) {
	m, err := f.bareModel(ctx, store.Order{QueuedOrder: at.QueuedOrder, Status: store.Queued})
	if err != nil {
		return views.OrderModel{}, err
	}
	place, ahead := at.known.Place(at.Number, at.TicketTypeID, at.Before)
	m.Silent = at.known.Silent
	m.Place, m.Ahead, m.Wait = int(place), int(ahead), f.live.pace(at.EventID).wait(place)
	if free, ok := at.known.Free[at.TicketTypeID]; ok {
		m.Left = free
	}
	return m, nil
}

// asideModel is an order that can never be decided: it has ended as if she had left, and says so.
func (f *orderFinder) asideModel(ctx context.Context, accountID int64, o store.QueuedOrder) (views.OrderModel, error) {
	if o.AccountID != accountID {
		return views.OrderModel{}, store.ErrNotFound
	}
	m, err := f.bareModel(ctx, store.Order{QueuedOrder: o, Status: store.Left})
	m.SetAside = true
	return m, err
}

// rowModel is an order that has a row; store.ErrNotFound if that is somebody else's. Without Redis it has no place.
func (f *orderFinder) rowModel(ctx context.Context, accountID int64, o store.Order) (views.OrderModel, error) {
	if o.AccountID != accountID {
		return views.OrderModel{}, store.ErrNotFound
	}
	m, err := f.bareModel(ctx, o)
	if err != nil {
		return views.OrderModel{}, err
	}
	known, err := f.live.snapshot(ctx, o.EventID)
	if err != nil {
		return m, nil // the row is what counts
	}
	if free, ok := known.Free[o.TicketTypeID]; ok {
		m.Left = free
	}
	switch o.Status {
	case store.Queued: // parked
		place, ahead := known.Place(o.Number, o.TicketTypeID, o.Before)
		m.Place, m.Ahead = int(place), int(ahead)
	case store.Waiting:
		returns, err := f.live.returnList(ctx, o.EventID)
		if err != nil {
			return m, nil
		}
		m.Place, m.Ahead = returns.place(o.Number)
		m.Holds = f.holds.count(ctx, o.TicketTypeID)
	}
	return m, nil
}

// stillWaits says that an order whose row says that it is parked or waiting is so still, as far as its line is known.
func (f *orderFinder) stillWaits(ctx context.Context, m views.OrderModel) bool {
	switch m.Order.Status {
	case store.Waiting:
		return m.Place > 0
	case store.Queued:
		known, err := f.live.snapshot(ctx, m.Order.EventID)
		return err == nil && isQueued(known, m.Order.QueuedOrder)
	}
	return false
}
