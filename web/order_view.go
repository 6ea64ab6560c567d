package web

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/store"
	"guiche/views"
)

// orderModel is what is true of an account's order now. Somebody else's is store.ErrNotFound.
// What a decision has made of it wins over its place in line.
func (s *Server) orderModel(ctx context.Context, accountID int64, id uuid.UUID) (views.OrderModel, error) {
	if m, ok, err := s.waitingModel(ctx, accountID, id); ok || err != nil {
		return m, err
	}
	waiting, inLine := s.lineModel(ctx, accountID, id)
	if inLine == nil {
		return waiting, nil
	}
	heard := s.live.places.heard()
	o, err := s.orders.read(ctx, id)
	switch {
	case err == nil && o.AccountID == accountID:
		m, err := s.decidedModel(ctx, o)
		if err == nil && s.stillWaits(ctx, m) {
			s.live.places.keepWaiting(o, heard)
		}
		return m, err
	case err == nil:
		return views.OrderModel{}, store.ErrNotFound
	case !errors.Is(err, store.ErrNotFound):
		return views.OrderModel{}, err
	case errors.Is(inLine, errTurn):
		return waiting, nil // the decision is on its way
	}
	if !errors.Is(inLine, store.ErrNotFound) {
		return views.OrderModel{}, inLine
	}
	return s.lostModel(ctx, accountID, id)
}

// lostModel is an order that neither the line nor Postgres knew a moment ago. A Redis that was emptied knows nothing,
// and its last leader may still decide what it has in hand: nobody is told to join again before the next one leads.
func (s *Server) lostModel(ctx context.Context, accountID int64, id uuid.UUID) (views.OrderModel, error) {
	ready, err := s.line.Ready(ctx)
	if err == nil && !ready {
		err = jobs.ErrNotReady
	}
	if err != nil {
		return views.OrderModel{}, unavailable(err)
	}
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return views.OrderModel{}, err
	}
	if o.AccountID != accountID {
		return views.OrderModel{}, store.ErrNotFound
	}
	return s.decidedModel(ctx, o)
}

// errTurn says that the turn of an order has come, so that Postgres may know more.
var errTurn = errors.New("its turn has come")

// lineModel is an order that waits for its turn; store.ErrNotFound if none does, errTurn beside a model that may be old.
// Asking again is answered from memory.
func (s *Server) lineModel(ctx context.Context, accountID int64, id uuid.UUID) (views.OrderModel, error) {
	p, remembered := s.live.places.findInLine(id)
	if !remembered {
		var err error
		if p, err = s.line.Find(ctx, id); err != nil {
			return views.OrderModel{}, asLineError(err)
		}
	}
	if p.Order.AccountID != accountID {
		return views.OrderModel{}, store.ErrNotFound
	}
	known, err := s.live.snapshot(ctx, p.Order.EventID)
	if err != nil {
		return views.OrderModel{}, unavailable(err)
	}
	if remembered && (!waits(known, p.Order) || p.Order.Number > known.Joined) {
		s.live.places.dropInLine(id) // its turn came, or this line has been lost: the line itself knows
		return s.lineModel(ctx, accountID, id)
	}
	m, err := s.queuedModel(ctx, p, known)
	if err != nil {
		return views.OrderModel{}, err
	}
	if !waits(known, p.Order) {
		return m, errTurn
	}
	if !remembered {
		s.live.places.keepInLine(p)
	}
	return m, nil
}

func asLineError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return err
	}
	return unavailable(err)
}

// waits says that, as far as is known, an order's turn is still to come.
func waits(known store.Snapshot, o store.QueuedOrder) bool {
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

func (s *Server) queuedModel(ctx context.Context, p jobs.Place, known store.Snapshot) (views.OrderModel, error) {
	m, err := s.bareModel(ctx, store.Order{QueuedOrder: p.Order, Status: store.Queued})
	if err != nil {
		return views.OrderModel{}, err
	}
	place, ahead := known.Place(p.Order.Number, p.Order.TicketTypeID, p.Before)
	m.Place, m.Ahead, m.Wait = int(place), int(ahead), s.live.pace(p.Order.EventID).wait(place)
	if free, ok := known.Free[p.Order.TicketTypeID]; ok {
		m.Left = free
	}
	return m, nil
}

func (s *Server) decidedModel(ctx context.Context, o store.Order) (views.OrderModel, error) {
	m, err := s.bareModel(ctx, o)
	if err != nil {
		return views.OrderModel{}, err
	}
	known, err := s.live.snapshot(ctx, o.EventID)
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
		returns, err := s.live.returnList(ctx, o.EventID)
		if err != nil {
			return m, nil
		}
		m.Place, m.Ahead = returns.place(o.Number)
	}
	return m, nil
}

// bareModel knows nothing of the line.
func (s *Server) bareModel(ctx context.Context, o store.Order) (views.OrderModel, error) {
	e, err := s.event(ctx, o.EventID)
	if err != nil {
		return views.OrderModel{}, err
	}
	t, _ := e.Type(o.TicketTypeID) // a row of Postgres: it is one of the event's
	return views.OrderModel{Event: e, Type: t, Order: o, Left: -1, Methods: s.methods()}, nil
}

// openOrder is an account's open order for an event, uuid.Nil if there is none. The line's word is not enough
// when it does not have the order any more: an entry that a crash left behind is cleared away.
func (s *Server) openOrder(ctx context.Context, eventID, accountID int64) (uuid.UUID, error) {
	id, err := s.line.Open(ctx, eventID, accountID)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, err
	}
	open, err := s.checkOpen(ctx, eventID, accountID, id)
	if err != nil || !open {
		return uuid.Nil, err
	}
	return id, nil
}

// checkOpen says whether an order that the line calls open really is; if not, the account's place is freed.
func (s *Server) checkOpen(ctx context.Context, eventID, accountID int64, id uuid.UUID) (bool, error) {
	m, err := s.orderModel(ctx, accountID, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && m.Order.Status.Open() {
		return true, nil
	}
	return false, s.line.Close(ctx, eventID, accountID, id)
}
