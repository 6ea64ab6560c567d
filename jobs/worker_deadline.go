package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"guiche/store"
)

const (
	// overdueBatch is how many holds one task takes; more are taken by the next one.
	overdueBatch = 500
	// outageGrace is how long after its deadline a hold still stands when the gateway does not answer.
	outageGrace = 5 * time.Minute
	// gatewayCalls is how many holds ask the gateway at once.
	gatewayCalls = 8
)

// issued arms the deadlines of what the generator gave out.
func (w *Worker) issued(ctx context.Context, t *asynq.Task) error {
	var given issued
	if err := json.Unmarshal(t.Payload(), &given); err != nil {
		return err
	}
	armed := map[int64]bool{}
	for _, until := range given.Until {
		if armed[until.Unix()] {
			continue
		}
		armed[until.Unix()] = true
		if err := w.nudges.overdue(ctx, until); err != nil {
			return err
		}
	}
	return nil
}

// overdue settles every hold whose time to pay is over.
func (w *Worker) overdue(ctx context.Context, _ *asynq.Task) error {
	holds, err := w.store.OverdueHolds(ctx, overdueBatch)
	if err != nil {
		return err
	}
	now, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	var calls errgroup.Group
	calls.SetLimit(gatewayCalls)
	for _, h := range holds {
		calls.Go(func() error { return w.endHold(ctx, h, now) })
	}
	return calls.Wait()
}

// endHold asks the gateway first; only then the generator may undo the hold. When the gateway does not answer for
// long, its charges are abandoned: money that was taken nevertheless is found by the poll and sent back.
func (w *Worker) endHold(ctx context.Context, h store.Deadline, now time.Time) error {
	err := w.closeCharges(ctx, h.OrderID)
	if err != nil && now.Sub(h.ReservedUntil) < outageGrace {
		return err
	}
	if err != nil {
		w.log.Error("hold undone without the gateway's word", "order", h.OrderID, "error", err)
		charges, err := w.store.OpenCharges(ctx, h.OrderID)
		if err != nil {
			return err
		}
		for _, c := range charges {
			if err := w.apply(ctx, c.ID, store.Verdict{Status: store.ChargeAbandoned}); err != nil {
				return err
			}
		}
	}
	return w.nudges.Expire(ctx, h.OrderID)
}
