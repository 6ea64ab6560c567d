package worker

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"guiche/jobs"
	"guiche/store"
)

const (
	// deadlineStep is how long after its deadline a hold is looked at.
	deadlineStep = 100 * time.Millisecond
	// overdueBatch is how many holds one query reads; a task goes on until none is left.
	overdueBatch = 500
	// freezeTime is how long after its deadline a hold still stands when the gateway has no final word: it does not
	// answer, or is not sure yet about money that the fan has sent.
	freezeTime = 5 * time.Minute
	// gatewayCalls is how many holds ask the gateway at once.
	gatewayCalls = 8
	// idleBatches is how many batches of holds that nobody was paying are worked on at once.
	idleBatches = 4
)

// issued arms the deadlines of what the generator gave out.
func (w *Worker) issued(ctx context.Context, t *asynq.Task) error {
	var given jobs.Issued
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

// deadline settles the holds that end in one second, as they end, so that their tickets go on sale again at once.
func (w *Worker) deadline(ctx context.Context, t *asynq.Task) error {
	second, err := jobs.ParseNumber(t.Payload())
	if err != nil {
		return err
	}
	tick := time.NewTicker(deadlineStep)
	defer tick.Stop()
	for last := (store.Hold{}); ; {
		now, err := w.store.Now(ctx) // the clock that deadlines are judged by
		if err != nil {
			return err
		}
		over := now.Unix() > second
		if now.Unix() >= second { // asynq may be early
			last, err = w.endOverdue(ctx, last)
		}
		if over || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// overdue settles every hold whose time to pay is over.
func (w *Worker) overdue(ctx context.Context, _ *asynq.Task) error {
	_, err := w.endOverdue(ctx, store.Hold{})
	return err
}

// endOverdue settles the holds whose time is over, from behind the last one that was settled, and returns the new last one.
// The gateway has no say in holds that nobody was paying, so they do not wait for it. What fails is left to the sweep.
func (w *Worker) endOverdue(ctx context.Context, last store.Hold) (store.Hold, error) {
	now, err := w.store.Now(ctx)
	if err != nil {
		return last, err
	}
	away, err := w.store.LatelyAway(ctx)
	if err != nil {
		return last, err
	}
	var expiring, asking errgroup.Group
	expiring.SetLimit(idleBatches)
	asking.SetLimit(gatewayCalls)
	var charged []store.Hold
	for more := true; more; {
		holds, err := w.store.OverdueHolds(ctx, last, overdueBatch)
		if err != nil {
			return last, errors.Join(err, expiring.Wait())
		}
		var idle []store.Hold
		for _, h := range holds {
			last = h
			if h.Charged {
				charged = append(charged, h)
			} else {
				idle = append(idle, h)
			}
		}
		expiring.Go(func() error { return w.endIdleHolds(ctx, idle, away) })
		more = len(holds) == overdueBatch
	}
	for _, h := range charged {
		asking.Go(func() error { return w.endHold(ctx, h, now) })
	}
	return last, errors.Join(expiring.Wait(), asking.Wait())
}

// endIdleHolds ends holds that nobody was paying, unless their fans may have been kept from it.
func (w *Worker) endIdleHolds(ctx context.Context, holds []store.Hold, away bool) (err error) {
	var over []uuid.UUID
	for _, h := range holds {
		if away {
			longer, wrong := w.lengthen(ctx, h)
			err = errors.Join(err, wrong)
			if longer || wrong != nil {
				continue
			}
		}
		over = append(over, h.OrderID)
	}
	return errors.Join(err, w.nudges.Expire(ctx, over...))
}

// endHold asks the gateway first; only then the generator may undo the hold. While the gateway is away the hold becomes
// longer, within its event's bound; when it has no word for long after that, the charges are abandoned: money that was
// taken nevertheless is found by the poll.
func (w *Worker) endHold(ctx context.Context, h store.Hold, now time.Time) error {
	err := w.closeCharges(ctx, h.OrderID)
	if err != nil && !errors.Is(err, errNoWord) {
		return err
	}
	ctx, cancel := afterwards(ctx) // a gateway that hangs may have used up the task's time
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
