package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/hibiken/asynq"

	"guiche/payment"
	"guiche/store"
)

// payBack sends the money of a refund, once however often it is asked: the refund's id is the idempotency key.
func (w *Worker) payBack(ctx context.Context, t *asynq.Task) error {
	id, err := parseID(t.Payload())
	if err != nil {
		return err
	}
	debt, err := w.store.Debt(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // paid already
	}
	if err != nil {
		return err
	}
	gateway, err := w.gateways.ByName(debt.Gateway)
	if err != nil {
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.store.DebtFailed(ctx, id))
	}
	sent, err := gateway.Refund(ctx, payment.NewRefund{
		Key: debt.RefundID.String(), ChargeID: debt.GatewayID, AmountCents: debt.AmountCents, BeforeCents: debt.BeforeCents,
	})
	ctx, cancel := afterwards(ctx) // a gateway that hangs spends a task's time
	defer cancel()
	if err != nil {
		w.metrics.refunds.WithLabelValues("failed").Inc()
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.store.DebtFailed(ctx, id))
	}
	if sent.Status != payment.RefundDone {
		return w.store.DebtFailed(ctx, id) // asked again later, with the same key
	}
	if err := w.store.DebtPaid(ctx, id, sent.ID); err != nil {
		return err
	}
	w.metrics.refunds.WithLabelValues("done").Inc()
	w.log.Info("refund sent", "order", debt.OrderID, "refund", id)
	if err := w.nudges.Letters(ctx); err != nil {
		return err
	}
	o, err := w.store.Order(ctx, debt.OrderID)
	if err != nil {
		return err
	}
	return announce(ctx, w.cache, w.line, o)
}
