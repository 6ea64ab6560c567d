package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// resolveNotice asks the gateway which charge a notice is about, and has that charge looked at. A notice may name a payment
// for a charge, a dispute, a charge that we never heard the answer to Create of, or something that is not ours at all. What a
// named payment says counts at once, since the lists that a gateway searches may learn of it only later.
func (w *Worker) resolveNotice(ctx context.Context, t *asynq.Task) error {
	var h jobs.Notice
	if err := json.Unmarshal(t.Payload(), &h); err != nil {
		return err
	}
	n, err := w.store.NamelessNotice(ctx, h.Gateway, h.EventID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // handled before
	}
	if err != nil {
		return err
	}
	gateway, err := w.gateways.ByName(n.Gateway)
	if err != nil {
		return err
	}
	asked, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	said, err := gateway.Get(ctx, n.GatewayID)
	if err != nil && !errors.Is(err, payment.ErrNotFound) {
		return fmt.Errorf("charge of a notice: %w", err)
	}
	chargeID, err := uuid.Parse(said.Reference)
	if err != nil {
		chargeID = uuid.Nil // somebody else made this charge
	}
	ours, err := w.store.NameNotice(ctx, n, chargeID)
	if err != nil || !ours {
		return err
	}
	if said.Status == payment.Paid || said.Status == payment.Pending {
		c, err := w.store.Charge(ctx, chargeID)
		if err != nil {
			return err
		}
		if c.PaymentID == "" || c.PaymentID == said.PaymentID { // else it is another payment on the same page
			if err := w.applyAnswer(ctx, c, said, asked); err != nil {
				return err
			}
		}
	}
	return w.nudges.CheckCharge(ctx, chargeID)
}

// nudgeNotice nudges again for a notice that was never handled.
func (w *Worker) nudgeNotice(ctx context.Context, n store.Notice) error {
	return w.nudges.ResolveNotice(ctx, n.Gateway, n.EventID)
}
