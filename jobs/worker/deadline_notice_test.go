package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

// forgetful is a gateway whose lists know nothing yet of money that it names in a notice.
type forgetful struct {
	payment.Gateway
	silent bool
}

func (g *forgetful) Get(ctx context.Context, id string) (payment.Charge, error) {
	if g.silent {
		return payment.Charge{}, errors.New("no answer")
	}
	return g.Gateway.Get(ctx, id)
}

func (g *forgetful) Cancel(_ context.Context, id string) (payment.Charge, error) {
	return payment.Charge{ID: id, Status: payment.Cancelled}, nil
}

// paidWithoutWorker is an order whose charge was paid while no worker lived, with a deadline that has passed.
func (w *shop) paidWithoutWorker(gateway payment.Gateway, answer func(string, string)) (store.Order, store.Charge) {
	w.T.Helper()
	w.Generator()
	o := w.Order(w.Fan(), 1)
	w.Join(o)
	c, made := w.charge(gateway, w.Becomes(o.ID, store.Reserved))
	answer(made.PayURL, "approve")
	w.HoldEnds(o.ID)
	c.GatewayID = made.ID
	return w.Becomes(o.ID, store.Reserved), c
}

// told saves a notice that names a charge.
func (w *shop) told(c store.Charge) {
	w.T.Helper()
	if _, fresh, err := w.DB.SaveNotice(w.Ctx, store.Notice{
		Gateway: c.Gateway, EventID: uuid.NewString(), ChargeID: uuid.NullUUID{UUID: c.ID, Valid: true},
	}); err != nil || !fresh {
		w.T.Fatalf("fresh %v, %v", fresh, err)
	}
}

func TestAHoldStandsWhileANoticeOfItsMoneyWaits(t *testing.T) {
	for name, tell := range map[string]func(w *shop, c store.Charge){
		"of its charge": (*shop).told,
		"that only the gateway can match": func(w *shop, c store.Charge) {
			of, err := w.Raw.Exec(`insert into notices (gateway, event_id, gateway_id) values ($1, 'nameless', $2)`, c.Gateway, c.GatewayID)
			if n, _ := of.RowsAffected(); err != nil || n != 1 {
				w.T.Fatal(n, err)
			}
		},
		"of a charge that was given up for another": func(w *shop, c store.Charge) {
			if _, err := w.DB.SettleCharge(w.Ctx, c.ID, store.Verdict{Status: store.ChargeCancelled}); err != nil {
				w.T.Fatal(err)
			}
			w.told(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newShop(t, 1)
			sandbox, answer := startSandbox(t)
			o, c := w.paidWithoutWorker(sandbox, answer)
			tell(w, c)
			gateway := &forgetful{Gateway: sandbox, silent: true}
			worker := w.hands(gateway)
			if err := worker.overdue(w.Ctx, nil); !errors.Is(err, errNoWord) {
				t.Errorf("a hold ends without the gateway's word: %v", err)
			}
			if err := w.Nudges.Expire(w.Ctx, o.ID); err != nil { // a nudge from before the notice came
				t.Fatal(err)
			}
			w.JoinAll(1, 1) // which the generator takes after it
			if o := w.Becomes(o.ID, store.Reserved); o.Charge.Told == nil && name != "that only the gateway can match" {
				t.Error("the order does not know of the notice")
			}
			gateway.silent = false
			if err := worker.overdue(w.Ctx, nil); err != nil {
				t.Fatal(err)
			}
			w.Becomes(o.ID, store.Paid)
		})
	}
}

func TestAHoldOfWhoIsToldThatNothingWasPaidEnds(t *testing.T) {
	w := newShop(t, 1)
	sandbox, _ := startSandbox(t)
	o, c := w.paidWithoutWorker(sandbox, func(string, string) {})
	w.told(c)
	if err := w.hands(sandbox).overdue(w.Ctx, nil); err != nil {
		t.Fatal(err)
	}
	w.Becomes(o.ID, store.Expired)
}
