package worker

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"guiche/payment"
	"guiche/store"
)

const (
	// outageAfter is how many calls in a row have to fail before a gateway counts as away.
	outageAfter = 5
	// outageTry is how long a gateway that is away is left alone before it is tried again.
	outageTry = 5 * time.Second
)

// errAway says that a gateway was not asked, since it did not answer before.
var errAway = errors.New("the payment API does not answer")

// breaker keeps calls from a gateway that does not answer, so that nothing hangs before it.
type breaker struct {
	payment.Gateway
	circuit *gobreaker.CircuitBreaker[any]
}

func newBreaker(g payment.Gateway) *breaker {
	return &breaker{Gateway: g, circuit: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Name: g.Name(), Timeout: outageTry,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= outageAfter },
		IsSuccessful: func(err error) bool { // an answer that we do not like is an answer
			return err == nil || errors.Is(err, payment.ErrNotFound) || errors.Is(err, payment.ErrRefused) || errors.Is(err, context.Canceled)
		},
	})}
}

// away says that the gateway counts as away.
func (b *breaker) away() bool { return b.circuit.State() != gobreaker.StateClosed }

func through[T any](b *breaker, call func() (T, error)) (answer T, err error) {
	_, err = b.circuit.Execute(func() (any, error) {
		var err error
		answer, err = call()
		return nil, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = errAway
	}
	return answer, err
}

func (b *breaker) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	return through(b, func() (payment.Charge, error) { return b.Gateway.Create(ctx, c) })
}

func (b *breaker) Get(ctx context.Context, id string) (payment.Charge, error) {
	return through(b, func() (payment.Charge, error) { return b.Gateway.Get(ctx, id) })
}

func (b *breaker) Find(ctx context.Context, reference string, near time.Time) (payment.Charge, error) {
	return through(b, func() (payment.Charge, error) { return b.Gateway.Find(ctx, reference, near) })
}

func (b *breaker) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	return through(b, func() (payment.Charge, error) { return b.Gateway.Cancel(ctx, id) })
}

func (b *breaker) Refund(ctx context.Context, r payment.NewRefund) (payment.Refund, error) {
	return through(b, func() (payment.Refund, error) { return b.Gateway.Refund(ctx, r) })
}

// watchGateways notes which gateways are away, for holds and admins, and asks those until they answer again.
func (w *Worker) watchGateways(ctx context.Context) error {
	var wrong error
	for _, b := range w.breakers {
		if b.away() {
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

// answers asks for a charge that nobody made.
func answers(ctx context.Context, g payment.Gateway) bool {
	ctx, cancel := context.WithTimeout(ctx, outageTry)
	defer cancel()
	_, err := g.Find(ctx, "is anybody there", time.Now())
	return err == nil || errors.Is(err, payment.ErrNotFound)
}

// lengthen gives a hold more time if its gateway is, or was a moment ago, away.
func (w *Worker) lengthen(ctx context.Context, h store.Deadline) (longer bool, err error) {
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
