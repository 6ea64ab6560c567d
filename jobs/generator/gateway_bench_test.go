package generator_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs"
	"guiche/jobs/worker"
	"guiche/payment"
)

const (
	gatewayCharges = 500 // wait to be looked at
	gatewayRounds  = 5
)

// mood is how a payment API is today.
type mood string

// The moods of a payment API.
const (
	well     mood = "answers at once"
	refusing mood = "refuses every call"
	hanging  mood = "never answers"
)

// moody is a payment API in a mood.
type moody struct {
	payment.Gateway
	is    mood
	asked chan struct{} // closed at the first call
	once  sync.Once
	woken chan struct{} // closed when those who hang need not hang any more
}

func newMoody(is mood) *moody {
	return &moody{is: is, asked: make(chan struct{}), woken: make(chan struct{})}
}

func (*moody) Name() string { return "sandbox" }

func (m *moody) Get(ctx context.Context, id string) (payment.Charge, error) {
	m.once.Do(func() { close(m.asked) })
	switch m.is {
	case refusing:
		return payment.Charge{}, errors.New("out of order")
	case hanging:
		select {
		case <-ctx.Done():
		case <-m.woken:
		}
		return payment.Charge{}, context.DeadlineExceeded
	}
	return payment.Charge{ID: id, Status: payment.Open}, nil
}

func (m *moody) Find(ctx context.Context, reference string, _ time.Time) (payment.Charge, error) {
	return m.Get(ctx, reference)
}

// benchGateway measures whether the line feels a payment API that is gone, while charges wait to be looked at.
func benchGateway(b *testing.B, t *strings.Builder) {
	n := min(50_000, *benchMost/20)
	moods := []mood{well, refusing, hanging}
	fans := crowd(gatewayCharges + n*len(moods)*gatewayRounds)
	w := benchWorld(b, int(fans))
	charges := w.beginToPay(b, fans)
	rates := map[mood]spread{}
	number := gatewayCharges
	for round := range gatewayRounds {
		for turn := range moods {
			is := moods[(round+turn)%len(moods)]
			w.fillFast(fans, number, number+n)
			number += n
			b.Run(string(is), func(b *testing.B) {
				rates[is] = append(rates[is], w.drainWith(b, newMoody(is), charges, number))
			})
		}
	}
	fmt.Fprintf(t, "## A payment API that is gone\n\n%d charges wait to be looked at while a line of %d is served, %d times each in turn: the median, the least and\n"+
		"the most orders decided per second, and beside the turn of one that answers.\n\n"+
		"| the payment API | orders/s | beside one that answers |\n|---|---|---|\n", gatewayCharges, n, gatewayRounds)
	for _, is := range moods {
		var beside spread
		for round, rate := range rates[is] {
			beside = append(beside, rate/rates[well][round])
		}
		fmt.Fprintf(t, "| %s | %s | %.2f (%.2f to %.2f) |\n", is, rates[is], beside.median(), slices.Min(beside), slices.Max(beside))
	}
}

// drainWith serves the line up to a number while a worker looks at charges.
func (w *bench) drainWith(b *testing.B, gateway *moody, charges []uuid.UUID, number int) float64 {
	its := *w.World
	its.T = b // whose end is the worker's
	here := bench{&its}
	here.worker(gateway)
	for _, c := range charges {
		if err := w.Nudges.CheckCharge(w.Ctx, c); err != nil {
			b.Fatal(err)
		}
	}
	<-gateway.asked
	stop := here.Generator()
	rate := here.rateTo(int64(number))
	stop()
	close(gateway.woken)
	here.until(func() bool { return w.Redis.LLen(w.Ctx, jobs.ListKey(jobs.QueuePayments, "pending")).Val() == 0 })
	return rate
}

// beginToPay lets the first fans of a crowd hold a ticket and begin to pay.
func (w *bench) beginToPay(b *testing.B, c crowd) (charges []uuid.UUID) {
	w.fill(c, 0, gatewayCharges)
	stop := w.Generator()
	w.rateTo(gatewayCharges)
	stop()
	rows, err := w.Raw.Query(`insert into charges (order_id, gateway, gateway_id, status, amount_cents, currency, expires_at)
		select id, 'sandbox', id, 'open', amount_cents, currency, reserved_until from orders returning id`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			b.Fatal(err)
		}
		charges = append(charges, id)
	}
	if err := rows.Err(); err != nil || len(charges) != gatewayCharges {
		b.Fatalf("%d charges, %v", len(charges), err)
	}
	return charges
}

// worker starts a worker on a gateway; it is stopped with the benchmark.
func (w *bench) worker(gateway payment.Gateway) {
	w.Role("worker", func(ctx context.Context) error {
		return worker.Run(ctx, worker.Config{
			Store: w.DB, Redis: w.Redis, Gateways: payment.NewGateways(gateway), Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		})
	})
}
