package worker

import (
	"testing"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

// paidAt is a paid order, its charge here and at the gateway. The gateway's notices get lost; looking is asked for.
func (w *shop) paidAt(gateway payment.Gateway, answer func(payURL, outcome string), quantity int) (store.Order, store.Charge, payment.Charge) {
	w.T.Helper()
	o := w.Order(w.Fan(), quantity)
	w.Join(o)
	c, made := w.charge(gateway, w.Becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve")
	w.look(c.ID)
	return w.Becomes(o.ID, store.Paid), c, made
}

func (w *shop) look(chargeID uuid.UUID) {
	w.T.Helper()
	if err := w.Nudges.CheckCharge(w.Ctx, chargeID); err != nil {
		w.T.Fatal(err)
	}
}

func (w *shop) charged(id uuid.UUID) store.Charge {
	w.T.Helper()
	c, err := w.DB.Charge(w.Ctx, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

func (w *shop) good(id uuid.UUID) (good int) {
	for _, ticket := range w.known(id).Tickets {
		if ticket.Good() {
			good++
		}
	}
	return good
}

// settled says that the one refund of an order is done.
func (w *shop) settled(id uuid.UUID) bool {
	refunds := w.known(id).Refunds
	return len(refunds) == 1 && refunds[0].Status == store.RefundDone
}

func TestADisputedTicketOpensNoDoorUntilTheDisputeIsWon(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 2)
	answer(made.PayURL, "dispute")
	w.look(c.ID)
	w.Eventually("the tickets are blocked", func() bool { return w.good(o.ID) == 0 })
	if got := w.charged(c.ID); got.Dispute != "open" || got.DisputedCents != 2200 {
		t.Errorf("charge %+v", got)
	}
	w.Audited()
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err == nil {
		t.Error("a fan gets back what her bank has")
	}
	answer(made.PayURL, "dispute_won")
	w.look(c.ID)
	w.Eventually("the tickets are good again", func() bool { return w.good(o.ID) == 2 })
	w.Audited()
}

func TestWhatTheBankTookIsNotSentASecondTime(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 2)
	answer(made.PayURL, "dispute")
	answer(made.PayURL, "dispute_lost") // and nobody is told
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the debt is settled", func() bool { return w.settled(o.ID) })
	if said, err := gateway.Get(w.Ctx, made.ID); err != nil || said.RefundedCents != 0 {
		t.Errorf("%+v, %v", said, err)
	}
	if got := w.charged(c.ID); got.Dispute != "lost" || got.DisputedCents != 2200 {
		t.Errorf("charge %+v", got)
	}
	w.Audited()
}

func TestADebtThatADisputeCoveredIsOpenWhenItIsWon(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 1)
	answer(made.PayURL, "dispute")
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the debt is settled", func() bool { return w.settled(o.ID) })
	answer(made.PayURL, "dispute_won")
	w.look(c.ID)
	w.Eventually("the money is back", func() bool {
		said, err := gateway.Get(w.Ctx, made.ID)
		return err == nil && said.RefundedCents == 1100 && w.settled(o.ID)
	})
	w.Audited()
}

func TestAfterAPanelRefundOnlyTheRestIsSent(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 2)
	if _, err := gateway.Refund(w.Ctx, payment.NewRefund{Key: "the panel's", ChargeID: made.ID, AmountCents: 1500}); err != nil {
		t.Fatal(err)
	}
	w.look(c.ID)
	w.Eventually("it is known", func() bool { return w.charged(c.ID).ElsewhereCents == 1500 })
	if good := w.good(o.ID); good != 2 {
		t.Errorf("%d tickets are good though money is left", good)
	}
	w.Audited()
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the rest is sent", func() bool {
		said, err := gateway.Get(w.Ctx, made.ID)
		return err == nil && said.RefundedCents == 2200 && w.settled(o.ID)
	})
	w.Audited()
}

func TestATicketWithoutMoneyIsNone(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 1)
	answer(made.PayURL, "panel_refund")
	w.look(c.ID)
	w.Eventually("the ticket is blocked", func() bool { return w.good(o.ID) == 0 })
	w.Audited()

	// Before the shop knew that it was paid, it bought nothing.
	late := w.Order(w.Fan(), 1)
	w.Join(late)
	c, made = w.charge(gateway, w.Becomes(late.ID, store.Reserved))
	answer(made.PayURL, "approve")
	answer(made.PayURL, "panel_refund")
	w.look(c.ID)
	w.Eventually("it is surplus, and settled", func() bool {
		known := w.known(late.ID)
		return w.charged(c.ID).Status == store.ChargeSurplus && len(known.Refunds) == 1 && known.Refunds[0].Status == store.RefundDone
	})
	if said, err := gateway.Get(w.Ctx, made.ID); err != nil || said.RefundedCents != 1100 {
		t.Errorf("%+v, %v", said, err)
	}
	w.Audited()
}

func TestARefundThatComesBackIsOwedAnew(t *testing.T) {
	w := newShop(t, 4)
	gateway, answer := startSandbox(t)
	w.Generator()
	w.worker(gateway)
	o, c, made := w.paidAt(gateway, answer, 1)
	if _, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil); err != nil {
		t.Fatal(err)
	}
	w.Eventually("the money is sent", func() bool { return w.settled(o.ID) })
	answer(made.PayURL, "refunds_fail")
	w.look(c.ID)
	w.Eventually("the money is sent anew", func() bool {
		said, err := gateway.Get(w.Ctx, made.ID)
		return err == nil && said.RefundedCents == 1100 && w.settled(o.ID)
	})
	movements, err := w.DB.OrderMovements(w.Ctx, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[store.MovementKind]int{}
	for _, m := range movements {
		kinds[m.Kind]++
	}
	if kinds[store.MovedRefundOwed] != 1 || kinds[store.MovedRefundSent] != 2 || kinds[store.MovedRefundFailed] != 1 {
		t.Errorf("booked %v", kinds)
	}
	w.Audited()
}
