package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/payment"
	"guiche/store"
)

// payBack sends the money of a refund, once however often it is asked: the refund's id is the idempotency key.
func (w *Worker) payBack(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseID(t.Payload())
	if err != nil {
		return err
	}
	debt, err := w.store.DueRefund(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // paid already, or others of its charge come first
	}
	if err != nil {
		return err
	}
	gateway, err := w.gateways.ByName(debt.Gateway)
	if err != nil {
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.store.RefundFailed(ctx, id))
	}
	sent, err := gateway.Refund(ctx, payment.NewRefund{
		Key: debt.RefundID.String(), ChargeID: debt.GatewayID, AmountCents: debt.AmountCents, BeforeCents: debt.BeforeCents,
	})
	ctx, cancel := afterwards(ctx) // a gateway that hangs spends a task's time
	defer cancel()
	if errors.Is(err, payment.ErrRefused) {
		w.metrics.refunds.WithLabelValues("refused").Inc()
		w.log.Error("a refund was refused, an admin has to look", "order", debt.OrderID, "refund", id, "gateway", debt.Gateway, "error", err)
		return errors.Join(w.store.RefundRefusedByGateway(ctx, id), w.payNext(ctx, debt))
	}
	if err != nil {
		w.metrics.refunds.WithLabelValues("failed").Inc()
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.store.RefundFailed(ctx, id))
	}
	if sent.Status != payment.RefundDone {
		w.metrics.refunds.WithLabelValues("pending").Inc()
		return w.store.RefundFailed(ctx, id) // asked again later, with the same key
	}
	if err := w.store.RefundPaid(ctx, id, sent.ID); err != nil {
		return err
	}
	w.metrics.refunds.WithLabelValues("done").Inc()
	w.log.Info("refund sent", "order", debt.OrderID, "refund", id)
	return errors.Join(w.payNext(ctx, debt), w.nudges.Letters(ctx))
}

// payNext goes on with the next refund of an order, and tells of the last one.
func (w *Worker) payNext(ctx context.Context, d store.RefundDue) error {
	next, err := w.store.NextRefunds(ctx, d.OrderID)
	for _, id := range next {
		err = errors.Join(err, w.nudges.PayBack(ctx, id))
	}
	return errors.Join(err, w.line.Publish(ctx, line.News{EventID: d.EventID, Orders: []uuid.UUID{d.OrderID}}))
}
