package web

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"guiche/payment"
	"guiche/store"
)

// outageFresh is how old at most the word of the others is on which gateways are away.
const outageFresh = time.Second

// gatewayWatch shares with the other processes which gateways are away, so that the fans of one do not wait for what another
// knows already. It reads and writes beside the requests, none of which waits for it.
type gatewayWatch struct {
	store    *store.Store
	metrics  *metrics
	log      *slog.Logger
	breakers []*payment.Breaker
	trips    map[string]int64 // that the others know of, by gateway
}

// cover puts a breaker around each gateway.
func (w *gatewayWatch) cover(all payment.Gateways) payment.Gateways {
	return all.Cover(func(g payment.Gateway) payment.Gateway {
		b := payment.NewBreaker(g)
		w.breakers = append(w.breakers, b)
		w.metrics.chargesCanFail(g.Name())
		return b
	})
}

func (w *gatewayWatch) names() (all []string) {
	for _, b := range w.breakers {
		all = append(all, b.Name())
	}
	return all
}

// run shares until ctx ends.
func (w *gatewayWatch) run(ctx context.Context) {
	var both sync.WaitGroup
	defer both.Wait()
	both.Go(func() { every(ctx, outageFresh, w.share) })
	both.Go(func() { every(ctx, payment.AwayTime, w.ask) })
}

// share tells which gateways this process has found away, and hears of the others'. When Postgres does not answer, what was
// known stands.
func (w *gatewayWatch) share(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, catalogTime)
	defer cancel()
	for _, b := range w.breakers {
		trips := b.Trips()
		if trips == w.trips[b.Name()] {
			continue
		}
		if err := w.store.BeginOutage(ctx, b.Name()); err != nil {
			w.log.Warn("an outage of the payment API is not written down", "gateway", b.Name(), "error", err)
			continue
		}
		w.trips[b.Name()] = trips
	}
	open, err := w.store.OpenOutages(ctx)
	if err != nil {
		return
	}
	away := map[string]float64{}
	for _, o := range open {
		away[o.Gateway] = 1
	}
	for _, b := range w.breakers {
		b.Tell(away[b.Name()] == 1)
		w.metrics.gatewayAway.WithLabelValues(b.Name()).Set(away[b.Name()])
	}
}

// ask asks the gateways that are away until they answer. The worker does so too: but fans have to be able to pay again though
// none lives.
func (w *gatewayWatch) ask(ctx context.Context) {
	for _, b := range w.breakers {
		if !b.Told() || !payment.Answers(ctx, b.Gateway) {
			continue
		}
		if err := w.store.EndOutage(ctx, b.Name()); err != nil {
			w.log.Warn("the end of an outage of the payment API is not written down", "gateway", b.Name(), "error", err)
		}
	}
}

// every does something at once and then again and again until ctx ends.
func every(ctx context.Context, pause time.Duration, do func(context.Context)) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
