package worker

import (
	"context"
	"errors"

	"guiche/payment"
	"guiche/store"
)

// watchGateways notes which gateways are away, for holds and admins, and asks those until they answer again.
func (w *Worker) watchGateways(ctx context.Context) error {
	var wrong error
	for _, b := range w.breakers {
		if b.Away() {
			wrong = errors.Join(wrong, w.store.BeginOutage(ctx, b.Name()))
		}
	}
	open, err := w.store.OpenOutages(ctx)
	if err == nil {
		w.metrics.gatewaysAway(w.breakers, open)
	}
	for _, o := range open {
		if gateway, err := w.gateways.ByName(o.Gateway); err != nil || payment.Answers(ctx, gateway) {
			w.log.Warn("the payment API answers again", "gateway", o.Gateway, "since", o.BeganAt)
			w.metrics.away.WithLabelValues(o.Gateway).Set(0)
			wrong = errors.Join(wrong, w.store.EndOutage(ctx, o.Gateway))
		}
	}
	return errors.Join(wrong, err)
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
