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

// payBack sends the money of a refund, once however often it runs: the attempt's id is the idempotency key. If some of the
// money went back without us, only the rest is sent.
func (w *Worker) payBack(ctx context.Context, t *asynq.Task) error {
	id, err := jobs.ParseID(t.Payload())
	if err != nil {
		return err
	}
	debt, sent, err := w.send(ctx, id)
	if errors.Is(err, payment.ErrRefused) {
		covered, wrong := w.cover(ctx, debt)
		if wrong != nil {
			err = wrong // tried again later: only a look at the charge tells whether the refusal is final
		}
		if covered {
			w.log.Warn("part of a refund had gone back without us", "order", debt.OrderID, "refund", id)
			var rest store.RefundDue
			if rest, sent, err = w.send(ctx, id); errors.Is(err, store.ErrNotFound) { // nothing is left to send
				w.metrics.refunds.WithLabelValues("covered").Inc()
				return errors.Join(w.payNext(ctx, debt), w.nudges.Letters(ctx))
			}
			debt = rest
		}
	}
	ctx, cancel := afterwards(ctx) // a gateway that hangs may have used up the task's time
	defer cancel()
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil // paid already, or others of its charge come first
	case errors.Is(err, payment.ErrRefused):
		w.metrics.refunds.WithLabelValues("refused").Inc()
		w.log.Error("a refund was refused, an admin has to look", "order", debt.OrderID, "refund", id, "gateway", debt.Gateway, "error", err)
		return errors.Join(w.store.RefundAnswered(ctx, debt.Key, err.Error()), w.store.RefundRefusedByGateway(ctx, id),
			w.payNext(ctx, debt), w.nudges.Letters(ctx))
	}
	if err != nil {
		w.metrics.refunds.WithLabelValues("failed").Inc()
		if payment.ReasonOf(err) == payment.ReasonBalance {
			w.log.Error("the shop's account has no money for a refund", "order", debt.OrderID, "refund", id, "gateway", debt.Gateway)
		}
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

// send asks the gateway for a refund that is owed; store.ErrNotFound if it is not, or if another one goes first.
func (w *Worker) send(ctx context.Context, id uuid.UUID) (d store.RefundDue, sent payment.Refund, err error) {
	if d, err = w.store.DueRefund(ctx, id); err != nil {
		return d, sent, err
	}
	gateway, err := w.gateways.ByName(d.Gateway)
	if err != nil {
		return d, sent, err
	}
	sent, err = gateway.Refund(ctx, payment.NewRefund{
		Key: d.Key.String(), ChargeID: d.GatewayID, AmountCents: d.AmountCents, BeforeCents: d.BeforeCents, Before: d.Before, AskedAt: d.AskedAt,
	})
	return d, sent, err
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
