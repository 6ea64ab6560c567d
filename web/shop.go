package web

import (
	"context"

	"guiche/jobs/line"
	"guiche/store"
	"guiche/views"
)

// shop shows everybody what is for sale.
type shop struct {
	*pages
	store    *store.Store
	sessions *sessions
	catalog  *catalog
	live     *live
	finder   *orderFinder
	signer   shownSigner
}

// left is how many tickets of each type are left, from the line if it knows, else from the rows.
func (s *shop) left(ctx context.Context, e store.Event) views.Left {
	known, err := s.live.snapshot(ctx, e.ID)
	if err != nil {
		known = line.Snapshot{}
	}
	return leftIn(known, e)
}

// leftIn is left by what is known of the line.
func leftIn(known line.Snapshot, e store.Event) views.Left {
	left := make(views.Left, len(e.Types))
	for _, t := range e.Types {
		free, ok := known.Free[t.ID]
		if !ok {
			free = t.Capacity - t.Taken
		}
		left[t.ID] = free
	}
	return left
}

// asked is how many tickets of each type are wanted by those in line and on the return list, as far as the line knows.
func (s *shop) asked(ctx context.Context, e store.Event) views.Asked {
	known, err := s.live.snapshot(ctx, e.ID)
	if err != nil {
		return nil
	}
	asked := make(views.Asked, len(e.Types))
	for _, t := range e.Types {
		asked[t.ID] = int(known.InLineOf(t.ID) + known.WaitingTickets[t.ID])
	}
	return asked
}
