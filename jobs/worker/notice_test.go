package worker

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// nameless saves a notice that has nothing but the gateway's id of a charge that no row has.
func (w *shop) nameless(eventID, gatewayID string) {
	w.T.Helper()
	of, fresh, err := w.DB.SaveNotice(w.Ctx, store.Notice{Gateway: "sandbox", EventID: eventID, GatewayID: gatewayID})
	if err != nil || !fresh || of.Valid {
		w.T.Fatalf("notice: of %v, fresh %v, %v", of, fresh, err)
	}
}

func TestANoticeThatOnlyTheGatewayUnderstands(t *testing.T) {
	w := newShop(t, 2)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, gateway.Name(), "")
	if err != nil {
		t.Fatal(err)
	}
	made, err := gateway.Create(w.Ctx, payment.NewCharge{ // and the answer is lost
		Reference: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency, ExpiresAt: c.ExpiresAt,
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody",
	})
	if err != nil {
		t.Fatal(err)
	}
	answer(made.PayURL, "approve")
	foreign, err := gateway.Create(w.Ctx, payment.NewCharge{ // of another program that uses our account
		Reference: "order 66", AmountCents: 100, Currency: "BRL", ExpiresAt: time.Now().Add(time.Hour),
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody",
	})
	if err != nil {
		t.Fatal(err)
	}
	for event, id := range map[string]string{"ev_1": made.ID, "ev_2": foreign.ID, "ev_3": "nobody's"} {
		w.nameless(event, id)
		if err := w.Nudges.ResolveNotice(w.Ctx, "sandbox", event); err != nil {
			t.Fatal(err)
		}
	}
	w.Becomes(o.ID, store.Paid)
	w.Eventually("every notice is worked on", func() bool {
		for _, event := range []string{"ev_1", "ev_2", "ev_3"} {
			if _, err := w.DB.NamelessNotice(w.Ctx, "sandbox", event); err == nil {
				return false
			}
		}
		ids, err := w.DB.UnhandledNotices(w.Ctx, 10)
		return err == nil && len(ids) == 0
	})
	w.Balanced(1)
}

func TestANoticeThatNobodyHeardIsFoundByTheSweep(t *testing.T) {
	w := newShop(t, 1)
	w.nameless("ev_1", uuid.NewString())
	w.Eventually("the notice is overdue", func() bool {
		notices, err := w.DB.NamelessNotices(w.Ctx, 10)
		return err == nil && len(notices) == 1
	})
	worker := &Worker{store: w.DB, nudges: w.Nudges}
	for range 2 {
		if err := worker.sweep(w.Ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Redis.LLen(w.Ctx, jobs.ListKey(jobs.QueuePayments, "pending")).Val(); n != 1 {
		t.Errorf("%d tasks ask about one notice", n)
	}
}

func TestAChargeOfAGatewayThatIsGoneIsLeftAlone(t *testing.T) {
	w := newShop(t, 1)
	w.Generator()
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	c, err := w.DB.StartCharge(w.Ctx, o.ID, o.AccountID, "gone", "")
	if err != nil {
		t.Fatal(err)
	}
	gateway, _ := startSandbox(t)
	worker := &Worker{store: w.DB, nudges: w.Nudges, gateways: payment.NewGateways(gateway)}
	if _, err := worker.ask(w.Ctx, c); err == nil {
		t.Error("somebody was asked")
	}
	if err := worker.closeCharges(w.Ctx, o.ID); err == nil {
		t.Error("the hold may be undone though its charge is open")
	}
}
