package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// checkCharge asks the gateway what became of a charge and settles it.
func (w *Worker) checkCharge(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseID(t.Payload())
	if err != nil {
		return err
	}
	return w.lookAt(ctx, id)
}

func (w *Worker) lookAt(ctx context.Context, id uuid.UUID) error {
	asked, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	c, err := w.store.Charge(ctx, id)
	if err != nil {
		return err
	}
	said, err := w.ask(ctx, c)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoWord, err)
	}
	if said.Status == payment.Open && c.Status.Ended() {
		// Create reached the gateway after we had given the charge up.
		if said, err = w.cancelCharge(ctx, c); err != nil {
			return err
		}
	}
	if err := w.applyAnswer(ctx, c, said, asked); err != nil {
		return err
	}
	return errors.Join(w.store.ChargeLooked(ctx, id), w.store.HandleNotices(ctx, id, asked))
}

// ask reads a charge at the gateway, by our reference if the answer to its creation was lost.
// A charge that the gateway has never heard of counts as cancelled once its deadline has passed.
func (w *Worker) ask(ctx context.Context, c store.Charge) (said payment.Charge, err error) {
	gateway, err := w.gateways.ByName(c.Gateway)
	if err != nil {
		return said, err
	}
	if id := cmp.Or(c.PaymentID, c.GatewayID); id != "" {
		return gateway.Get(ctx, id)
	}
	said, err = gateway.Find(ctx, c.ID.String(), c.CreatedAt)
	if !errors.Is(err, payment.ErrNotFound) {
		return said, err
	}
	now, err := w.store.Now(ctx)
	said = payment.Charge{Status: payment.Open}
	if now.After(c.ExpiresAt) {
		said.Status = payment.Cancelled
	}
	return said, err
}

// applyAnswer settles a charge by what the gateway said, and tells the fan; asked is when the gateway was asked.
func (w *Worker) applyAnswer(ctx context.Context, c store.Charge, said payment.Charge, asked time.Time) error {
	if said.Status == payment.Pending {
		return w.pending(ctx, c, said)
	}
	status, final := chargeStatus(said.Status)
	if !final {
		return nil
	}
	if err := w.apply(ctx, c.ID, store.Verdict{
		Status: status, GatewayID: said.ID, PaymentID: said.PaymentID, AmountCents: said.AmountCents, Currency: said.Currency,
		BackCents: said.AmountCents - said.LeftCents(),
	}); err != nil || status != store.ChargeCaptured {
		return err
	}
	return w.stand(ctx, c, said, asked, false)
}

func (w *Worker) apply(ctx context.Context, chargeID uuid.UUID, v store.Verdict) error {
	done, err := w.store.SettleCharge(ctx, chargeID, v)
	if err != nil {
		return err
	}
	o := done.Order
	if done.News {
		w.metrics.payments.WithLabelValues(string(v.Status)).Inc()
		w.log.Info("charge settled", "order", o.ID, "charge", chargeID, "verdict", v.Status, "status", o.Status)
		if err := w.nudges.Letters(ctx); err != nil {
			return err
		}
	}
	switch {
	case done.Charge == store.ChargeLate:
		if err := w.nudges.Late(ctx, chargeID); err != nil {
			return err
		}
	case done.Charge == store.ChargeSurplus:
		if err := w.payOwed(ctx, o.ID); err != nil {
			return err
		}
	case done.Charge == store.ChargeFailed && o.Status == store.Reserved: // the hold may have become longer
		if err := w.nudges.Overdue(ctx, o.ReservedUntil); err != nil {
			return err
		}
	}
	if o.Status == store.Paid {
		if err := w.nudges.ServeReturnList(ctx, o.TicketTypeID); err != nil {
			return err
		}
	}
	return w.line.TellOrder(ctx, o) // even if nothing changed: a crash may have come between the commit and this
}

// pending notes that the fan has done her part: her page says so, and her hold waits a while for the gateway.
func (w *Worker) pending(ctx context.Context, c store.Charge, said payment.Charge) error {
	news, err := w.store.MarkPending(ctx, c.ID, said.ID)
	if err != nil || !news {
		return err
	}
	o, err := w.store.Order(ctx, c.OrderID)
	if err != nil {
		return err
	}
	return w.line.TellOrder(ctx, o)
}

func chargeStatus(s payment.Status) (status store.ChargeStatus, final bool) {
	switch s {
	case payment.Paid:
		return store.ChargeCaptured, true
	case payment.Declined:
		return store.ChargeFailed, true
	case payment.Cancelled:
		return store.ChargeCancelled, true
	}
	return "", false
}

// errNoWord says that the gateway did not answer, or is not sure yet. Only this may ever give up a charge: any other error
// is trouble of our own, and the gateway's answer still stands.
var errNoWord = errors.New("the gateway has no final word")

// closeCharges ends every open charge of an order at the gateway, so that its hold can be undone.
// Money that came first makes the order paid. An error means that some charge may still be paid, or have been; errNoWord.
func (w *Worker) closeCharges(ctx context.Context, orderID uuid.UUID) error {
	if err := w.hear(ctx, orderID); err != nil {
		return err
	}
	charges, err := w.store.OpenCharges(ctx, orderID)
	if err != nil {
		return err
	}
	asked, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	for _, c := range charges {
		said, err := w.cancelCharge(ctx, c)
		if err != nil {
			return fmt.Errorf("cancel charge %s: %w: %w", c.ID, errNoWord, err)
		}
		if err := w.applyAnswer(ctx, c, said, asked); err != nil {
			return err
		}
		if _, final := chargeStatus(said.Status); !final {
			return fmt.Errorf("cancel charge %s: %w: it is still %s", c.ID, errNoWord, said.Status)
		}
	}
	return nil
}

// cancelCharge ends a charge at the gateway. One that the gateway does not know is ended in our rows:
// should its creation arrive after all, OpenCharge refuses it and the creator cancels it.
func (w *Worker) cancelCharge(ctx context.Context, c store.Charge) (payment.Charge, error) {
	gateway, err := w.gateways.ByName(c.Gateway)
	if err != nil {
		return payment.Charge{}, err
	}
	id := c.GatewayID
	if id == "" {
		found, err := gateway.Find(ctx, c.ID.String(), c.CreatedAt)
		if errors.Is(err, payment.ErrNotFound) {
			return payment.Charge{Status: payment.Cancelled}, nil
		}
		if err != nil {
			return payment.Charge{}, err
		}
		id = found.ID
	}
	return gateway.Cancel(ctx, id)
}

// drop ends one charge; money that came first is settled.
func (w *Worker) drop(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseID(t.Payload())
	if err != nil {
		return err
	}
	asked, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	c, err := w.store.Charge(ctx, id)
	if err != nil {
		return err
	}
	if err := w.hear(ctx, c.OrderID); err != nil {
		return err
	}
	said, err := w.cancelCharge(ctx, c)
	if err != nil {
		return err
	}
	return w.applyAnswer(ctx, c, said, asked)
}

// giveUp lets a fan leave a hold that she may be paying at this moment.
func (w *Worker) giveUp(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseID(t.Payload())
	if err != nil {
		return err
	}
	if err := w.closeCharges(ctx, id); err != nil {
		return err
	}
	return w.nudges.Leave(ctx, id)
}
