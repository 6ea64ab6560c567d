package worker

import (
	"context"
	"errors"
	"time"

	"guiche/store"
)

const (
	sweepEvery = 5 * time.Second
	sweepBatch = 200
)

// sweepUntil looks for rows whose next step is overdue and nudges again, so that a crash between commit and nudge costs only
// time. A sweep counts for the metric only if all of it was done.
func (w *Worker) sweepUntil(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		err := w.sweep(ctx)
		if err == nil {
			err = w.line.Swept(ctx)
		}
		if err == nil {
			w.pulse.Beat()
		}
		if err != nil && ctx.Err() == nil {
			w.log.Warn("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *Worker) sweep(ctx context.Context) error {
	return errors.Join(
		w.watchGateways(ctx),
		each(ctx, w.store.AskedCapacities, w.nudges.SetCapacity),
		each(ctx, w.store.TypesToServe, w.nudges.ServeReturnList),
		each(ctx, w.store.UnservedEvents, w.nudges.Resume),
		each(ctx, w.store.UnreleasedRefunds, w.nudges.Return),
		each(ctx, w.store.LateCharges, w.nudges.Late),
		each(ctx, w.store.DueRefunds, w.nudges.PayBack),
		each(ctx, w.store.UnfinishedCancels, w.nudges.Undo),
		each(ctx, w.store.UnhandledNotices, w.nudges.PollCharge), // a notice that comes while its charge is asked for is left to the next sweep
		each(ctx, w.store.NamelessNotices, w.nudgeNotice),
		each(ctx, w.store.StaleCharges, w.nudges.PollCharge),
		each(ctx, w.store.SettledCharges, w.nudges.PollCharge),
		w.nudgeOverdue(ctx),
		w.sweepLetters(ctx),
	)
}

func each[ID any](ctx context.Context, find func(context.Context, int) ([]ID, error), nudge func(context.Context, ID) error) error {
	ids, err := find(ctx, sweepBatch)
	for _, id := range ids {
		err = errors.Join(err, nudge(ctx, id))
	}
	return err
}

func (w *Worker) nudgeOverdue(ctx context.Context) error {
	holds, err := w.store.OverdueHolds(ctx, store.Hold{}, 1)
	if err != nil || len(holds) == 0 {
		return err
	}
	return w.nudges.OverdueNow(ctx)
}
