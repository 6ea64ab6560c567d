package worker

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// bought is a paid order.
func (w *shop) bought(quantity int) store.Order {
	w.T.Helper()
	o := w.Order(w.Fan(), quantity)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	w.Pay(o)
	return w.Becomes(o.ID, store.Paid)
}

func (w *shop) giveBack(o store.Order, ticket int) store.Refund {
	w.T.Helper()
	r, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, []int64{o.Tickets[ticket].ID})
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.Nudges.Return(w.Ctx, r.ID); err != nil {
		w.T.Fatal(err)
	}
	return r
}

// try is the worker's task for a refund.
func (w *shop) try(worker *Worker, id uuid.UUID) {
	w.T.Helper()
	if err := worker.payBack(w.Ctx, asynq.NewTask(jobs.KindPayBack, []byte(id.String()))); err != nil {
		w.T.Log(err) // the sweep tries again
	}
}

func (w *shop) refundStatus(id uuid.UUID) (status store.RefundStatus) {
	w.T.Helper()
	if err := w.Raw.QueryRow(`select status from refunds where id = $1`, id).Scan(&status); err != nil {
		w.T.Fatal(err)
	}
	return status
}

func TestRefundsOfOneChargeWaitForEachOther(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(4)
	gateway := newTill(w)
	worker := w.hands(gateway)
	first, second, third := w.giveBack(o, 0), w.giveBack(o, 1), w.giveBack(o, 2)
	gateway.pending[first.ID.String()] = 2
	for range 2 { // the gateway is not sure: those behind wait
		for _, r := range []store.Refund{third, second, first} {
			w.try(worker, r.ID)
		}
	}
	if gateway.sum() != 0 || w.refundStatus(first.ID) != store.RefundOwed {
		t.Errorf("%d cents were sent, the first is %s", gateway.sum(), w.refundStatus(first.ID))
	}
	for range 2 { // repeated
		for _, r := range []store.Refund{first, second, third} {
			w.try(worker, r.ID)
		}
	}
	for _, r := range []store.Refund{first, second, third} {
		if status := w.refundStatus(r.ID); status != store.RefundDone {
			t.Errorf("a refund is %s", status)
		}
	}
	if want := []int64{0, 1100, 2200}; !slices.Equal(gateway.before, want) || gateway.sum() != 3300 {
		t.Errorf("sent %d cents, before each of them %v, want %v", gateway.sum(), gateway.before, want)
	}
	w.Eventually("the stock is back", func() bool { return w.known(o.ID).Returned == 3 })
	w.Balanced(9)
}

func TestTheNextRefundGoesWithoutWaitingForTheSweep(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(2)
	first, second := w.giveBack(o, 0), w.giveBack(o, 1)
	worker := w.hands(newTill(w))
	w.try(worker, first.ID)
	if asked := w.Redis.Keys(w.Ctx, jobs.TaskKey(jobs.QueueRefunds, jobs.KindPayBack+":"+second.ID.String()+":*")).Val(); len(asked) != 1 {
		t.Error("nobody asks for the second refund")
	}
}

func TestARefusedRefundWaitsForAnAdmin(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(1)
	r := w.giveBack(o, 0)
	gateway := newTill(w)
	gateway.refuse[o.Charge.GatewayID] = true
	worker := w.hands(gateway)
	for range 2 {
		w.try(worker, r.ID)
	}
	if status := w.refundStatus(r.ID); status != store.RefundRefused {
		t.Errorf("the refund is %s", status)
	}
	if due, err := w.DB.DueRefunds(w.Ctx, 10); err != nil || len(due) != 0 {
		t.Errorf("due are %v, %v", due, err)
	}
	w.Eventually("the stock is back", func() bool { return w.known(o.ID).Status == store.Refunded })
	gateway.refuse[o.Charge.GatewayID] = false
	if _, err := w.DB.RetryRefund(w.Ctx, 0, r.ID); err != nil {
		t.Fatal(err)
	}
	w.try(worker, r.ID)
	if status := w.refundStatus(r.ID); status != store.RefundDone || gateway.sum() != 1100 {
		t.Errorf("the refund is %s, %d cents were sent", status, gateway.sum())
	}
	w.Balanced(10)
}

func TestARefusedRefundIsAskedForAgainByAnotherKey(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o := w.bought(1)
	r := w.giveBack(o, 0)
	gateway := newStubborn()
	worker := w.hands(gateway)
	gateway.answers = []error{errors.New("no answer"), payment.ErrRefused, errors.New("no answer"), nil}
	w.try(worker, r.ID)
	w.try(worker, r.ID)
	if status := w.refundStatus(r.ID); status != store.RefundRefused {
		t.Fatalf("the refund is %s", status)
	}
	if _, err := w.DB.RetryRefund(w.Ctx, 0, r.ID); err != nil {
		t.Fatal(err)
	}
	w.try(worker, r.ID)
	if stuck, err := w.DB.StuckRefunds(w.Ctx, 10); err != nil || len(stuck) != 1 || stuck[0].Reason != "no answer" {
		t.Errorf("after a hiccup in sight are %+v, %v", stuck, err)
	}
	w.try(worker, r.ID)
	if status := w.refundStatus(r.ID); status != store.RefundDone {
		t.Errorf("the refund is %s", status)
	}
	if k := gateway.keys; len(k) != 4 || k[0] != k[1] || k[1] == k[2] || k[2] != k[3] {
		t.Errorf("asked by the keys %v: an unknown outcome by the same one, after a refusal by another", k)
	}
	w.Eventually("the stock is back", func() bool { return w.known(o.ID).Status == store.Refunded })
	w.Balanced(10)
}

// stubborn is a payment API that gives one answer after the other, and the same one to a key that it refused.
type stubborn struct {
	payment.Gateway
	keys    []string
	answers []error
	refused map[string]bool
}

func newStubborn() *stubborn { return &stubborn{refused: map[string]bool{}} }

func (*stubborn) Name() string { return "sandbox" }

// Get says that all of the money is there: nothing went back without us.
func (*stubborn) Get(_ context.Context, id string) (payment.Charge, error) {
	return payment.Charge{ID: id, Status: payment.Paid, AmountCents: 1100, Currency: "BRL"}, nil
}

func (s *stubborn) Refund(_ context.Context, r payment.NewRefund) (payment.Refund, error) {
	s.keys = append(s.keys, r.Key)
	if s.refused[r.Key] {
		return payment.Refund{}, payment.ErrRefused
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	s.refused[r.Key] = errors.Is(answer, payment.ErrRefused)
	return payment.Refund{ID: "re_" + r.Key, AmountCents: r.AmountCents, Status: payment.RefundDone}, answer
}

// asked says whether somebody has asked for a refund to be sent.
func (w *shop) asked(id uuid.UUID) bool {
	w.T.Helper()
	return len(w.Redis.Keys(w.Ctx, jobs.TaskKey(jobs.QueueRefunds, jobs.KindPayBack+":"+id.String()+":*")).Val()) == 1
}

func TestMoneyThatBuysNothingGoesBackWithoutWaitingForTheSweep(t *testing.T) {
	w := newShop(t, 1)
	w.Generator()
	// In a wrong amount: the worker owes it.
	o, c := w.paying()
	worker := w.hands(newTill(w))
	if err := worker.apply(w.Ctx, c.ID, store.Verdict{Status: store.ChargeCaptured, GatewayID: "ch_1", AmountCents: c.AmountCents - 1, Currency: c.Currency}); err != nil {
		t.Fatal(err)
	}
	if !w.asked(w.known(o.ID).Refunds[0].ID) {
		t.Error("nobody asks for the money of a wrong amount")
	}
	// Too late, and somebody else has the ticket: the generator owes it.
	if err := w.Nudges.Expire(w.Ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Expired)
	late, lateCharge := w.paying()
	if err := worker.apply(w.Ctx, lateCharge.ID, store.Verdict{Status: store.ChargeAbandoned}); err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.Expire(w.Ctx, late.ID); err != nil {
		t.Fatal(err)
	}
	w.Becomes(late.ID, store.Expired)
	w.Becomes(w.JoinAll(1, 1)[0].ID, store.Reserved)
	if err := worker.apply(w.Ctx, lateCharge.ID, store.Verdict{Status: store.ChargeCaptured, GatewayID: "ch_2", AmountCents: c.AmountCents, Currency: c.Currency}); err != nil {
		t.Fatal(err)
	}
	w.Eventually("somebody asks for the money that came too late", func() bool {
		refunds := w.known(late.ID).Refunds
		return len(refunds) == 1 && w.asked(refunds[0].ID)
	})
}

// A look at a charge that nobody answers is no look: the next one comes a minute later.
func TestALookThatFailsDoesNotPutTheNextOneOff(t *testing.T) {
	w := newShop(t, 10)
	w.Generator()
	o, c := w.paying()
	g := &fickle{}
	worker := w.hands(g)
	if err := worker.overdue(w.Ctx, nil); err != nil { // the gateway does not know it: it is cancelled
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Expired)
	look := asynq.NewTask(jobs.KindCheck, []byte(c.ID.String()))
	pause := func() (looks int, seconds float64) {
		t.Helper()
		w.Set(`update charges set next_look_at = now(), settled_at = now() - interval '3 hours'`)
		if ids, err := w.DB.StaleCharges(w.Ctx, 10); err != nil || len(ids) != 1 {
			t.Fatalf("due are %v, %v", ids, err)
		}
		_ = worker.checkCharge(w.Ctx, look)
		if err := w.Raw.QueryRow(`select looks, extract(epoch from next_look_at - now()) from charges`).Scan(&looks, &seconds); err != nil {
			t.Fatal(err)
		}
		return looks, seconds
	}
	g.away.Store(true)
	for range 2 {
		if looks, seconds := pause(); looks != 0 || seconds > 61 {
			t.Errorf("a look that failed counts as %d, and puts the next one off by %v s", looks, seconds)
		}
	}
	g.away.Store(false)
	if looks, seconds := pause(); looks != 1 || seconds < 3*3600-60 {
		t.Errorf("a look that was answered counts as %d, and puts the next one off by %v s", looks, seconds)
	}
}
