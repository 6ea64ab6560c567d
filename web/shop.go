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
