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

// payBack sends the money of a refund, once however often it is asked: the attempt's id is the idempotency key.
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
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.refundFailed(ctx, debt, err))
	}
	sent, err := gateway.Refund(ctx, payment.NewRefund{
		Key: debt.Key.String(), ChargeID: debt.GatewayID, AmountCents: debt.AmountCents, BeforeCents: debt.BeforeCents,
	})
	ctx, cancel := afterwards(ctx) // a gateway that hangs spends a task's time
	defer cancel()
	if errors.Is(err, payment.ErrRefused) {
		w.metrics.refunds.WithLabelValues("refused").Inc()
		w.log.Error("a refund was refused, an admin has to look", "order", debt.OrderID, "refund", id, "gateway", debt.Gateway, "error", err)
		return errors.Join(w.store.RefundAnswered(ctx, debt.Key, err.Error()), w.store.RefundRefusedByGateway(ctx, id),
			w.payNext(ctx, debt), w.nudges.Letters(ctx))
	}
	if err != nil {
		w.metrics.refunds.WithLabelValues("failed").Inc()
		return errors.Join(fmt.Errorf("refund %s: %w", id, err), w.refundFailed(ctx, debt, err))
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

// refundFailed keeps what went wrong and backs off before the next try of the same attempt.
func (w *Worker) refundFailed(ctx context.Context, d store.RefundDue, wrong error) error {
	return errors.Join(w.store.RefundAnswered(ctx, d.Key, wrong.Error()), w.store.RefundFailed(ctx, d.RefundID))
}

// payNext goes on with the next refund of an order, and tells of the last one.
func (w *Worker) payNext(ctx context.Context, d store.RefundDue) error {
	return errors.Join(w.payOwed(ctx, d.OrderID), w.line.Publish(ctx, line.News{EventID: d.EventID, Orders: []uuid.UUID{d.OrderID}}))
}

// payOwed nudges the refunds of an order whose turn it is.
func (w *Worker) payOwed(ctx context.Context, orderID uuid.UUID) error {
	next, err := w.store.NextRefunds(ctx, orderID)
	for _, id := range next {
		err = errors.Join(err, w.nudges.PayBack(ctx, id))
	}
	return err
}
