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

// resolveNotice asks the gateway which charge a notice is about, and has that one looked at. A notice may name a payment for
// a charge, a dispute, a charge whose answer to its creation was lost, or something that is not ours at all. What a named
// payment says counts at once: lists that the gateway searches may know of it only later.
func (w *Worker) resolveNotice(ctx context.Context, t *asynq.Task) error {
	var h jobs.Notice
	if err := json.Unmarshal(t.Payload(), &h); err != nil {
		return err
	}
	n, err := w.store.NamelessNotice(ctx, h.Gateway, h.EventID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // heard before
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
		chargeID = uuid.Nil // whoever made this charge, it was not us
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
		if c.PaymentID == "" || c.PaymentID == said.PaymentID { // else it is another payment of the same page
			if err := w.applyAnswer(ctx, c, said, asked); err != nil {
				return err
			}
		}
	}
	return w.nudges.CheckCharge(ctx, chargeID)
}

// nudgeNotice nudges again what was never heard.
func (w *Worker) nudgeNotice(ctx context.Context, n store.Notice) error {
	return w.nudges.ResolveNotice(ctx, n.Gateway, n.EventID)
}
