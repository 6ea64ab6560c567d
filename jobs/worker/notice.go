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
	chargeID, err := w.name(ctx, n)
	if err != nil || chargeID == uuid.Nil {
		return err
	}
	return w.nudges.CheckCharge(ctx, chargeID)
}

// hearAtOnce is how many notices without a charge are matched before a hold is undone.
const hearAtOnce = 20

// hear looks into what the gateway has told of an order's money and nobody has looked into yet, before anything of it is
// undone: what a notice names is true at once, and what the gateway's lists say may be older. errNoWord.
func (w *Worker) hear(ctx context.Context, orderID uuid.UUID) error {
	_, nameless, err := w.store.OrderNotices(ctx, orderID, hearAtOnce)
	if err != nil {
		return err
	}
	for _, n := range nameless {
		if _, err := w.name(ctx, n); err != nil {
			return err
		}
	}
	charges, _, err := w.store.OrderNotices(ctx, orderID, 0)
	if err != nil {
		return err
	}
	for _, id := range charges {
		if err := w.lookAt(ctx, id); err != nil {
			return fmt.Errorf("charge %s that a notice is about: %w", id, err)
		}
	}
	return nil
}

// name finds out which charge a notice is about, none of ours perhaps, and takes in what it says of money.
func (w *Worker) name(ctx context.Context, n store.Notice) (chargeID uuid.UUID, err error) {
	gateway, err := w.gateways.ByName(n.Gateway)
	if err != nil {
		return uuid.Nil, err
	}
	asked, err := w.store.Now(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	said, err := gateway.Get(ctx, n.GatewayID)
	if err != nil && !errors.Is(err, payment.ErrNotFound) {
		return uuid.Nil, fmt.Errorf("charge of a notice: %w: %w", errNoWord, err)
	}
	id, err := uuid.Parse(said.Reference)
	if err != nil {
		id = uuid.Nil // whoever made this charge, it was not us
	}
	ours, err := w.store.NameNotice(ctx, n, id)
	if err != nil || !ours {
		return uuid.Nil, err
	}
	if said.Status == payment.Paid || said.Status == payment.Pending {
		c, err := w.store.Charge(ctx, id)
		if err != nil {
			return uuid.Nil, err
		}
		if c.PaymentID == "" || c.PaymentID == said.PaymentID { // else it is another payment on the same page
			if err := w.applyAnswer(ctx, c, said, asked); err != nil {
				return uuid.Nil, err
			}
		}
	}
	return id, nil
}

// nudgeNotice nudges again for a notice that was never handled.
func (w *Worker) nudgeNotice(ctx context.Context, n store.Notice) error {
	return w.nudges.ResolveNotice(ctx, n.Gateway, n.EventID)
}
