package worker

import (
	"context"
	"errors"
	"sync"
	"testing"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// till is a payment API that sends money back once per key, and loses some of its answers.
type till struct {
	payment.Gateway
	mu      sync.Mutex
	w       *shop
	sent    map[string]int64 // by key
	back    map[string]int64 // by charge
	before  []int64          // what had been sent back of the charges before, as the caller says
	refuse  map[string]bool  // charges of which nothing is sent back
	pending map[string]int   // keys and how often they are still on their way
}

func newTill(w *shop) *till {
	return &till{w: w, sent: map[string]int64{}, back: map[string]int64{}, refuse: map[string]bool{}, pending: map[string]int{}}
}

func (*till) Name() string { return "sandbox" }

// Get tells of a charge that took what our row says, and of what went back by it.
func (t *till) Get(ctx context.Context, id string) (payment.Charge, error) {
	var paid int64
	err := t.w.Raw.QueryRowContext(ctx, `select paid_cents from charges where gateway_id = $1`, id).Scan(&paid)
	t.mu.Lock()
	defer t.mu.Unlock()
	return payment.Charge{ID: id, Status: payment.Paid, AmountCents: paid, RefundedCents: t.back[id], Currency: "BRL"}, err
}

func (t *till) Refund(_ context.Context, r payment.NewRefund) (payment.Refund, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refuse[r.ChargeID] {
		return payment.Refund{}, payment.ErrRefused
	}
	if t.pending[r.Key] > 0 {
		t.pending[r.Key]--
		return payment.Refund{ID: "re_" + r.Key, AmountCents: r.AmountCents, Status: payment.RefundPending}, nil
	}
	if _, again := t.sent[r.Key]; !again {
		t.before = append(t.before, r.BeforeCents)
		t.sent[r.Key] = r.AmountCents
		t.back[r.ChargeID] += r.AmountCents
		if len(t.sent)%17 == 0 {
			return payment.Refund{}, errors.New("the answer is lost")
		}
	}
	return payment.Refund{ID: "re_" + r.Key, AmountCents: t.sent[r.Key], Status: payment.RefundDone}, nil
}

func (t *till) sum() (cents int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.sent {
		cents += c
	}
	return cents
}

// manyOrders writes paid, held and waiting orders of as many accounts behind the program's back, as a long sale leaves them.
const manyOrders = `
	with s as (insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, decision, price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, waited_at, decided_at, reserved_until, paid_at)
		select gen_random_uuid(), e.id, t.id, n, n, 2, s.status, case when s.status <> 'waiting' then n end, t.price_cents, t.fee_cents, 'BRL', 4, 600, 7, 48, true,
			now(), case when s.status = 'waiting' then now() end, case when s.status <> 'waiting' then now() end,
			case when s.status <> 'waiting' then now() + interval '1 hour' end, case when s.status = 'paid' then now() end
		from events e join ticket_types t on t.event_id = e.id, generate_series(1, $1::int) as n,
			lateral (select case when n > $1 * 9 / 10 then 'waiting' when n % 5 = 0 then 'reserved' else 'paid' end as status) s
		returning id, number, status, event_id, ticket_type_id, account_id),
	k as (insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select event_id, id, ticket_type_id, account_id, 2 * number - 2 + i, case when status = 'paid' then 'valid' else 'reserved' end
		from s, generate_series(1, 2) as i where status <> 'waiting'),
	c as (insert into charges (order_id, gateway, gateway_id, status, amount_cents, paid_cents, currency, expires_at)
		select id, 'sandbox', 'ch_' || id, 'captured', 2200, 2200, 'BRL', now() from s where status = 'paid'
		returning id, order_id),
	t as (update stock set taken = $1 * 9 / 10 * 2, capacity = $1 * 9 / 10 * 2),
	l as (update lines set last_number = $1, last_decision = $1 * 9 / 10, last_ticket = $1 * 9 / 10 * 2)
	insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
		select s.event_id, s.id, 'sandbox', c.id, k.kind, k.cents, 'BRL'
		from c join s on s.id = c.order_id, (values ('captured', 2200), ('fee', 200)) k(kind, cents)`

func TestACancelledEventOfThousandsIsUndoneThroughAStoppedWorker(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of refunds are slow")
	}
	const orders = 1000
	w := newShop(t, 0)
	w.Set(`insert into accounts (name, email, password_hash) select 'Fan', n || '@guiche.test', '-' from generate_series(1, $1::int) as n`, orders)
	w.Set(manyOrders, orders)
	w.Audited()
	if err := w.DB.CancelEvent(w.Ctx, 0, w.Event.ID, w.Event.Name); err != nil {
		t.Fatal(err)
	}
	w.Generator()
	gateway := newTill(w)
	const paid = orders * 9 / 10 * 4 / 5
	for _, part := range []int64{paid / 10, paid / 2} { // nobody nudges: the rows are enough
		stop := w.worker(gateway)
		w.Eventually("a part of the money is sent", func() bool { return gateway.sum() >= part*2200 })
		stop()
	}
	w.worker(gateway)
	for part := int64(paid) * 6 / 10; part <= paid; part += paid / 10 { // it goes on, however slow this machine is
		w.Eventually("more of the money is sent", func() bool { return gateway.sum() >= part*2200 })
	}
	w.Eventually("nothing is left", func() bool {
		ids, err := w.DB.UnfinishedCancels(w.Ctx, 1)
		return err == nil && len(ids) == 0
	})
	p, err := w.DB.CancelProgress(w.Ctx, w.Event.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.CancelProgress{Orders: orders, Undone: orders, OwedCents: paid * 2200, SentCents: paid * 2200}); p != want {
		t.Errorf("progress %+v, want %+v", p, want)
	}
	if gateway.sum() != paid*2200 {
		t.Errorf("%d cents went back", gateway.sum())
	}
	w.Balanced(orders * 9 / 10 * 2)
}

func TestNobodyIsAskedToReturnNothing(t *testing.T) {
	w := newShop(t, 0)
	if err := w.Nudges.ReturnAll(w.Ctx, nil); err != nil {
		t.Fatal(err)
	}
	if n := w.Redis.LLen(w.Ctx, jobs.ListKey(jobs.QueueReleases, "pending")).Val(); n != 0 {
		t.Errorf("%d tasks", n)
	}
}
