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

// resolveNotice asks the gateway which charge a notice is about, and has that one looked at. Only a charge whose answer to its
// creation was lost has no row with the gateway's id, or one that is not ours at all.
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
	return w.nudges.CheckCharge(ctx, chargeID)
}

// nudgeNotice nudges again what was never heard.
func (w *Worker) nudgeNotice(ctx context.Context, n store.Notice) error {
	return w.nudges.ResolveNotice(ctx, n.Gateway, n.EventID)
}
