package payment

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// AwayAfter is how many calls in a row have to fail before a gateway counts as away.
	AwayAfter = 5
	// AwayTime is how long a gateway that is away is left alone before one call tries it again.
	AwayTime = 5 * time.Second
)

// ErrAway says that a gateway was not asked, since it did not answer before.
var ErrAway = errors.New("payment: the payment API does not answer")

// Breaker is a circuit breaker around a gateway: it keeps calls from one that does not answer, so that nobody waits for it.
// Parsing a notice asks nobody and is always done.
type Breaker struct {
	Gateway
	circuit *gobreaker.CircuitBreaker[any]
	trips   atomic.Int64
	told    atomic.Bool
}

// NewBreaker covers a gateway.
func NewBreaker(g Gateway) *Breaker {
	b := &Breaker{Gateway: g}
	b.circuit = gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Name: g.Name(), Timeout: AwayTime,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= AwayAfter },
		IsSuccessful: func(err error) bool { // an answer that we do not like is an answer
			return err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused) || errors.Is(err, ErrBusy) ||
				ReasonOf(err) != ReasonUnknown
		},
		// A caller who went away learnt nothing: fans who tire of waiting must not hide that the gateway is silent.
		IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.trips.Add(1)
			}
		},
	})
	return b
}

// Away says that the gateway counts as away.
func (b *Breaker) Away() bool { return b.told.Load() || b.circuit.State() != gobreaker.StateClosed }

// Trips is how often this process has found the gateway away.
func (b *Breaker) Trips() int64 { return b.trips.Load() }

// Tell says whether another process has found the gateway away. While it has, nobody here asks it.
func (b *Breaker) Tell(away bool) { b.told.Store(away) }

// Told says that another process has found the gateway away.
func (b *Breaker) Told() bool { return b.told.Load() }

// answerTime is how long a gateway that was away has to answer.
const answerTime = 5 * time.Second

// Answers says whether a gateway is there: it is asked for a charge that nobody made.
func Answers(ctx context.Context, g Gateway) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := g.Find(ctx, "is anybody there", time.Now())
	return err == nil || errors.Is(err, ErrNotFound)
}

// Create makes a charge, or finds the one with the same reference; ErrAway.
func (b *Breaker) Create(ctx context.Context, c NewCharge) (Charge, error) {
	return through(b, func() (Charge, error) { return b.Gateway.Create(ctx, c) })
}

// Get reads a charge by the gateway's id; ErrAway.
func (b *Breaker) Get(ctx context.Context, id string) (Charge, error) {
	return through(b, func() (Charge, error) { return b.Gateway.Get(ctx, id) })
}

// Find reads a charge by our reference; ErrAway.
func (b *Breaker) Find(ctx context.Context, reference string, near time.Time) (Charge, error) {
	return through(b, func() (Charge, error) { return b.Gateway.Find(ctx, reference, near) })
}

// Cancel ends an open charge and returns what is true now; ErrAway.
func (b *Breaker) Cancel(ctx context.Context, id string) (Charge, error) {
	return through(b, func() (Charge, error) { return b.Gateway.Cancel(ctx, id) })
}

// Refund sends money of a paid charge back, once per key; ErrAway.
func (b *Breaker) Refund(ctx context.Context, r NewRefund) (Refund, error) {
	return through(b, func() (Refund, error) { return b.Gateway.Refund(ctx, r) })
}

// GetRefund reads a refund of a charge; ErrAway.
func (b *Breaker) GetRefund(ctx context.Context, chargeID, refundID string) (Refund, error) {
	return through(b, func() (Refund, error) { return b.Gateway.GetRefund(ctx, chargeID, refundID) })
}

func through[T any](b *Breaker, call func() (T, error)) (answer T, err error) {
	if b.told.Load() {
		return answer, ErrAway
	}
	_, err = b.circuit.Execute(func() (any, error) {
		var err error
		answer, err = call()
		return nil, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = ErrAway
	}
	return answer, err
}
