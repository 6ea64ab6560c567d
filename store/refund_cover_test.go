package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// stands tells what the gateway says of an order's money after it has refused what it was asked for, or unasked.
func (w *world) stands(o store.Order, refunded int64, refused bool) {
	w.T.Helper()
	now, err := w.DB.Now(w.Ctx)
	w.Check(err)
	_, err = w.DB.RecordStanding(w.Ctx, o.Charge.ID, store.Standing{
		RefundedCents: refunded, LeftCents: o.AmountCents() - refunded, AskedAt: now, Unsent: refused,
	})
	w.Check(err)
}

// sending is what the gateway is asked for of a refund now.
func (w *world) sending(refundID uuid.UUID) store.RefundDue {
	w.T.Helper()
	d, err := w.DB.DueRefund(w.Ctx, refundID)
	w.Check(err)
	return d
}

func TestTheRestIsAskedForByAnotherKey(t *testing.T) {
	for name, before := range map[string]func(w *world, r store.Refund){
		"at first": func(*world, store.Refund) {},
		"again after a refusal": func(w *world, r store.Refund) {
			w.Check(w.DB.RefundRefusedByGateway(w.Ctx, r.ID))
			_, err := w.DB.RetryRefund(w.Ctx, w.Admin, r.ID)
			w.Check(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			o := w.buy(w.Fan(), 2)
			r := w.refund(o, o.Tickets[0].ID, o.Tickets[1].ID)
			first := w.sending(r.ID)
			before(w, r)
			first = w.sending(r.ID)
			w.stands(o, 15_000, true)
			if covered, err := w.DB.CoverRefund(w.Ctx, r.ID, 7000); err != nil || !covered {
				t.Fatalf("covered %t, %v", covered, err)
			}
			rest := w.sending(r.ID)
			if rest.Key == first.Key || rest.AmountCents != 7000 {
				t.Errorf("asked for %d by %s, first by %s", rest.AmountCents, rest.Key, first.Key)
			}
			if again, err := w.DB.CoverRefund(w.Ctx, r.ID, 7000); err != nil || again {
				t.Errorf("covered twice: %t, %v", again, err)
			}
			if again := w.sending(r.ID); again.Key != rest.Key {
				t.Error("an unknown outcome has to be asked for by the same key")
			}
			w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_1"))
			w.wantBooked(o.ID, map[string]int{
				"captured": 22_000, "fee": 2000, "refund_owed": 22_000, "fee_returned": 2000, "refund_sent": 22_000, "refund_covered": 15_000, "elsewhere": 15_000,
			})
		})
	}
}

func TestWhatTheBankGaveBackIsOwedByAnotherKey(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	r := w.refund(o, o.Tickets[0].ID, o.Tickets[1].ID)
	w.sending(r.ID)
	w.stands(o, 15_000, true)
	_, err := w.DB.CoverRefund(w.Ctx, r.ID, 7000)
	w.Check(err)
	rest := w.sending(r.ID)
	w.stands(o, 0, true)
	if whole := w.sending(r.ID); whole.Key == rest.Key || whole.AmountCents != 22_000 {
		t.Errorf("asked for %d by %s, the rest by %s", whole.AmountCents, whole.Key, rest.Key)
	}
	w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_1"))
	w.wantAudited()
}

func TestTheRestIsSettledOutside(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 2)
	r := w.refund(o, o.Tickets[0].ID, o.Tickets[1].ID)
	w.sending(r.ID)
	w.stands(o, 15_000, true)
	_, err := w.DB.CoverRefund(w.Ctx, r.ID, 7000)
	w.Check(err)
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, r.ID))
	if stuck, err := w.DB.StuckRefunds(w.Ctx, 10); err != nil || len(stuck) != 1 || stuck[0].AmountCents != 7000 {
		t.Errorf("an admin is told of %+v, %v", stuck, err)
	}
	r, err = w.DB.SettleRefund(w.Ctx, w.Admin, r.ID, "bank transfer")
	w.Check(err)
	if r.RestCents() != 7000 {
		t.Errorf("%d cents are settled outside", r.RestCents())
	}
	w.wantBooked(o.ID, map[string]int{
		"captured": 22_000, "fee": 2000, "refund_owed": 22_000, "fee_returned": 2000, "elsewhere": 15_000,
		"refund_sent": 15_000, "refund_covered": 15_000, "refund_outside": 7000,
	})
	if tills, err := w.DB.Tills(w.Ctx, w.Event.ID); err != nil || tills[0].UnsentCents() != 0 || tills[0].OutsideCents != 7000 || tills[0].GoneCents != 0 {
		t.Errorf("the till is %+v, %v", tills, err)
	}
}

func TestARefundThatCameBackIsSentByAnotherKey(t *testing.T) {
	for name, forget := range map[string]string{
		"of this release":      ``,
		"of the one before it": `delete from refund_attempts`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 10)
			o := w.buy(w.Fan(), 1)
			r := w.refund(o, o.Tickets[0].ID)
			first := w.sending(r.ID)
			w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_1"))
			w.Set(forget)
			if news, err := w.DB.RefundCameBack(w.Ctx, r.ID); err != nil || !news {
				t.Fatalf("news %t, %v", news, err)
			}
			w.wantAudited()
			if second := w.sending(r.ID); second.Key == first.Key || second.AmountCents != 11_000 {
				t.Errorf("asked for %d by %s, first by %s", second.AmountCents, second.Key, first.Key)
			}
			w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_2"))
			w.wantAudited()
		})
	}
}
