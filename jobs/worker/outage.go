package worker

import (
	"context"
	"errors"
	"time"

	"guiche/payment"
	"guiche/store"
)

// answerTime is how long a gateway that was away has to answer.
const answerTime = 5 * time.Second

// watchGateways notes which gateways are away, for holds and admins, and asks them until they answer again.
func (w *Worker) watchGateways(ctx context.Context) error {
	var wrong error
	for _, b := range w.breakers {
		if b.Away() {
			wrong = errors.Join(wrong, w.store.BeginOutage(ctx, b.Name()))
		}
	}
	open, err := w.store.OpenOutages(ctx)
	for _, o := range open {
		w.metrics.away.WithLabelValues(o.Gateway).Set(1)
		if gateway, err := w.gateways.ByName(o.Gateway); err != nil || answers(ctx, gateway) {
			w.log.Warn("the payment API answers again", "gateway", o.Gateway, "since", o.BeganAt)
			w.metrics.away.WithLabelValues(o.Gateway).Set(0)
			wrong = errors.Join(wrong, w.store.EndOutage(ctx, o.Gateway))
		}
	}
	return errors.Join(wrong, err)
}

// answers tells whether a gateway answers, by asking for a charge that nobody made.
func answers(ctx context.Context, g payment.Gateway) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := g.Find(ctx, "is anybody there", time.Now())
	return err == nil || errors.Is(err, payment.ErrNotFound)
}

// lengthen gives a hold more time if its gateway is, or was a moment ago, away.
func (w *Worker) lengthen(ctx context.Context, h store.Hold) (longer bool, err error) {
	o, longer, err := w.store.LengthenForOutage(ctx, h.OrderID, w.gateways.Current().Name())
	if err != nil || !longer {
		return false, err
	}
	w.log.Info("a hold is longer since the payment API is away", "order", o.ID, "seconds", o.OutageExtra)
	if err := w.nudges.Overdue(ctx, o.ReservedUntil); err != nil {
		return true, err
	}
	return true, w.line.TellOrder(ctx, o)
}
