package jobs

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

// nameless saves a notice that has nothing but the gateway's id of a charge that no row has.
func (w *world) nameless(eventID, gatewayID string) {
	w.t.Helper()
	of, fresh, err := w.db.SaveNotice(w.ctx, store.Notice{Gateway: "sandbox", EventID: eventID, GatewayID: gatewayID})
	if err != nil || !fresh || of.Valid {
		w.t.Fatalf("notice: of %v, fresh %v, %v", of, fresh, err)
	}
}

func TestANoticeThatOnlyTheGatewayUnderstands(t *testing.T) {
	w := newWorld(t, 2)
	gateway, answer := startSandbox(t)
	w.generator()
	w.worker(gateway)
	o := w.order(w.fan(), 1)
	w.join(o)
	w.becomes(o.ID, store.Reserved)
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, gateway.Name(), "")
	if err != nil {
		t.Fatal(err)
	}
	made, err := gateway.Create(w.ctx, payment.NewCharge{ // and the answer is lost
		Reference: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency, ExpiresAt: c.ExpiresAt,
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody",
	})
	if err != nil {
		t.Fatal(err)
	}
	answer(made.PayURL, "approve")
	foreign, err := gateway.Create(w.ctx, payment.NewCharge{ // of another program that uses our account
		Reference: "order 66", AmountCents: 100, Currency: "BRL", ExpiresAt: time.Now().Add(time.Hour),
		ReturnURL: "http://127.0.0.1/back", NoticeURL: "http://127.0.0.1:1/nobody",
	})
	if err != nil {
		t.Fatal(err)
	}
	for event, id := range map[string]string{"ev_1": made.ID, "ev_2": foreign.ID, "ev_3": "nobody's"} {
		w.nameless(event, id)
		if err := w.nudges.Hear(w.ctx, "sandbox", event); err != nil {
			t.Fatal(err)
		}
	}
	w.becomes(o.ID, store.Paid)
	w.eventually("every notice is worked on", func() bool {
		for _, event := range []string{"ev_1", "ev_2", "ev_3"} {
			if _, err := w.db.NamelessNotice(w.ctx, "sandbox", event); err == nil {
				return false
			}
		}
		ids, err := w.db.UnhandledNotices(w.ctx, 10)
		return err == nil && len(ids) == 0
	})
	w.balanced(1)
}

func TestANoticeThatNobodyHeardIsFoundByTheSweep(t *testing.T) {
	w := newWorld(t, 1)
	w.nameless("ev_1", uuid.NewString())
	w.eventually("the notice is overdue", func() bool {
		notices, err := w.db.NamelessNotices(w.ctx, 10)
		return err == nil && len(notices) == 1
	})
	worker := &Worker{store: w.db, nudges: w.nudges}
	for range 2 {
		if err := worker.sweep(w.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.rdb.LLen(w.ctx, listKey(queuePayments, "pending")).Val(); n != 1 {
		t.Errorf("%d tasks ask about one notice", n)
	}
}

func TestAChargeOfAGatewayThatIsGoneIsLeftAlone(t *testing.T) {
	w := newWorld(t, 1)
	w.generator()
	o := w.order(w.fan(), 1)
	w.join(o)
	w.becomes(o.ID, store.Reserved)
	c, err := w.db.StartCharge(w.ctx, o.ID, o.AccountID, "gone", "")
	if err != nil {
		t.Fatal(err)
	}
	gateway, _ := startSandbox(t)
	worker := &Worker{store: w.db, nudges: w.nudges, gateways: payment.NewGateways(gateway)}
	if _, err := worker.ask(w.ctx, c); err == nil {
		t.Error("somebody was asked")
	}
	if err := worker.closeCharges(w.ctx, o.ID); err == nil {
		t.Error("the hold may be undone though its charge is open")
	}
}
