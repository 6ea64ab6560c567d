package web

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"guiche/store"
)

// open is an account's open order for an event, uuid.Nil if there is none. The line's word is not enough when it does
// not have the order any more: an entry that a crash left behind is cleared away.
func (f *orderFinder) open(ctx context.Context, eventID, accountID int64) (uuid.UUID, error) {
	id, err := f.line.Open(ctx, eventID, accountID)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, err
	}
	open, err := f.stillOpen(ctx, eventID, accountID, id)
	if err != nil || !open {
		return uuid.Nil, err
	}
	return id, nil
}

// stillOpen says whether an order that the line calls open really is; if not, the account's place is freed.
func (f *orderFinder) stillOpen(ctx context.Context, eventID, accountID int64, id uuid.UUID) (bool, error) {
	m, err := f.find(ctx, accountID, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && m.Order.Status.Open() {
		return true, nil
	}
	return false, f.line.Close(ctx, eventID, accountID, id)
}
