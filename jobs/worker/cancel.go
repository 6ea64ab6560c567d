package worker

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"guiche/jobs"
)

const (
	// undoBatch is how many paid orders of a cancelled event one transaction gives back.
	undoBatch = 500
	// undoCharged is how many holds with open charges one task ends, so that refunds need not wait for a slow gateway.
	undoCharged = 200
)

// undo gives everything back to everybody of a cancelled event. Open charges are ended at the gateway, so that the generator
// can end their orders; what was paid is owed back in batches. The sweep asks again until the generator finds that nothing
// is left, so a failure, or more than fits into one task, only takes another round.
func (w *Worker) undo(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseNumber(t.Payload())
	if err != nil {
		return err
	}
	wrong := w.nudges.EndCancelled(ctx, id) // orders that nobody is paying end now; those whose charges end below are the second nudge's
	wrong = errors.Join(wrong, w.undoPaid(ctx, id))
	charged, err := w.store.ChargedHolds(ctx, id, undoCharged)
	if err != nil {
		return errors.Join(wrong, err)
	}
	if len(charged) == 0 {
		return wrong
	}
	var asking errgroup.Group
	asking.SetLimit(gatewayCalls)
	for _, order := range charged {
		asking.Go(func() error { return w.closeCharges(ctx, order) })
	}
	wrong = errors.Join(wrong, asking.Wait())
	ctx, cancel := afterwards(ctx) // a gateway that hangs may have used up the task's time
	defer cancel()
	return errors.Join(wrong, w.nudges.EndCancelled(ctx, id), w.undoPaid(ctx, id))
}

// undoPaid owes the paid orders of a cancelled event back, and nudges the generator and the payment of each.
func (w *Worker) undoPaid(ctx context.Context, eventID int64) error {
	for last := int64(0); ; {
		refunds, next, err := w.store.UndoPaid(ctx, eventID, last, undoBatch)
		if err != nil || next == 0 {
			return err
		}
		last = next
		var ids []uuid.UUID
		var paying errgroup.Group
		paying.SetLimit(gatewayCalls)
		for _, r := range refunds {
			ids = append(ids, r.ID)
			if r.AmountCents > 0 {
				paying.Go(func() error { return w.nudges.PayBack(ctx, r.ID) })
			}
		}
		if err := errors.Join(w.nudges.ReturnAll(ctx, ids), paying.Wait()); err != nil {
			return err
		}
		w.log.Info("orders of a cancelled event are owed back", "event", eventID, "orders", len(refunds))
	}
}
