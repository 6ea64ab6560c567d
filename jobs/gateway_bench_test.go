package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

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

// moody is a payment API whose mood can change.
type moody struct {
	payment.Gateway
	is    atomic.Value // mood
	woken chan struct{}
	asked atomic.Int64
}

func (*moody) Name() string { return "sandbox" }

func (m *moody) Get(ctx context.Context, id string) (payment.Charge, error) {
	m.asked.Add(1)
	switch m.is.Load() {
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

// benchGateway measures whether the line feels a payment API that is gone, while charges wait to be looked at.
func benchGateway(b *testing.B, t *strings.Builder) {
	n := min(50_000, *benchMost/20)
	moods := []mood{well, refusing, hanging}
	fans := crowd(gatewayCharges + n*len(moods)*gatewayRounds)
	w := benchWorld(b, int(fans))
	charges := w.beginToPay(b, fans)
	gateway := &moody{woken: make(chan struct{}, workerSlots)}
	gateway.is.Store(well)
	w.worker(gateway)
	b.Cleanup(func() { close(gateway.woken) }) // the worker is stopped after that
	rates := map[mood]spread{}
	number := gatewayCharges
	for range gatewayRounds {
		for _, is := range moods {
			gateway.is.Store(is)
			w.fillFast(fans, number, number+n)
			asked := gateway.asked.Load()
			for _, c := range charges {
				if err := w.nudges.Look(w.ctx, c); err != nil {
					b.Fatal(err)
				}
			}
			w.until(func() bool { return gateway.asked.Load() > asked }) // it is being felt
			number += n
			stop := w.lead()
			rates[is] = append(rates[is], w.rateTo(int64(number)))
			stop()
			gateway.is.Store(well)
			w.until(func() bool {
				select {
				case gateway.woken <- struct{}{}:
				default:
				}
				return w.rdb.LLen(w.ctx, listKey(queuePayments, "pending")).Val() == 0
			})
		}
	}
	fmt.Fprintf(t, "## A payment API that is gone\n\n%d charges wait to be looked at while a line of %d is served, %d times each in turn: the median, the least and\n"+
		"the most orders decided per second.\n\n| the payment API | orders/s | beside one that answers |\n|---|---|---|\n", gatewayCharges, n, gatewayRounds)
	for _, is := range moods {
		fmt.Fprintf(t, "| %s | %s | %.2f |\n", is, rates[is], rates[is].median()/rates[well].median())
	}
}

// beginToPay lets the first fans of a crowd hold a ticket and begin to pay.
func (w *world) beginToPay(b *testing.B, c crowd) (charges []uuid.UUID) {
	w.fill(c, 0, gatewayCharges)
	stop := w.lead()
	w.rateTo(gatewayCharges)
	stop()
	rows, err := rawDB(b, w.databaseURL).Query(`insert into charges (order_id, gateway, gateway_id, status, amount_cents, currency, expires_at)
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
