package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"guiche/store"
)

const (
	// overdueBatch is how many holds are read at once; a task goes on until none is left.
	overdueBatch = 500
	// freezeTime is how long after its deadline a hold still stands when the gateway has no final word: it does not
	// answer, or is not sure yet about money that the fan has sent.
	freezeTime = 5 * time.Minute
	// gatewayCalls is how many holds ask the gateway at once.
	gatewayCalls = 8
	// expireCalls is how many holds that nobody was paying go to the generator at once.
	expireCalls = 16
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
		if err := w.nudges.Overdue(ctx, until); err != nil {
			return err
		}
	}
	return nil
}

// overdue settles every hold whose time to pay is over. The gateway has no say in those that nobody was paying, so they
// do not wait for it; what fails is left to the sweep.
func (w *Worker) overdue(ctx context.Context, _ *asynq.Task) error {
	now, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	away, err := w.store.LatelyAway(ctx)
	if err != nil {
		return err
	}
	var expiring, asking errgroup.Group
	expiring.SetLimit(expireCalls)
	asking.SetLimit(gatewayCalls)
	var charged []store.Deadline
	for last, more := (store.Deadline{}), true; more; {
		holds, err := w.store.OverdueHolds(ctx, last, overdueBatch)
		if err != nil {
			return errors.Join(err, expiring.Wait())
		}
		for _, h := range holds {
			last = h
			if h.Charged {
				charged = append(charged, h)
				continue
			}
			expiring.Go(func() error { return w.endIdleHold(ctx, h, away) })
		}
		more = len(holds) == overdueBatch
	}
	for _, h := range charged {
		asking.Go(func() error { return w.endHold(ctx, h, now) })
	}
	return errors.Join(expiring.Wait(), asking.Wait())
}

// endIdleHold ends a hold that nobody was paying, unless its fan may have been kept from it.
func (w *Worker) endIdleHold(ctx context.Context, h store.Deadline, away bool) error {
	if away {
		if longer, err := w.lengthen(ctx, h); longer || err != nil {
			return err
		}
	}
	return w.nudges.Expire(ctx, h.OrderID)
}

// endHold asks the gateway first; only then the generator may undo the hold. While the gateway is away the hold becomes
// longer, within its event's bound; when it has no word for long after that, the charges are abandoned: money that was
// taken nevertheless is found by the poll.
func (w *Worker) endHold(ctx context.Context, h store.Deadline, now time.Time) error {
	err := w.closeCharges(ctx, h.OrderID)
	ctx, cancel := afterwards(ctx) // a gateway that hangs spends a task's time
	defer cancel()
	if err != nil {
		longer, wrong := w.lengthen(ctx, h)
		if longer || wrong != nil {
			return wrong
		}
		if now.Sub(h.ReservedUntil) < freezeTime {
			return err
		}
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
