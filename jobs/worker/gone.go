package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"guiche/payment"
	"guiche/store"
)

// stand writes down what became of a charge's money without us, tells the fan, and looks for refunds that came back.
func (w *Worker) stand(ctx context.Context, c store.Charge, said payment.Charge, asked time.Time, unsent bool) error {
	stood, err := w.store.RecordStanding(ctx, c.ID, store.Standing{
		PaymentID: said.PaymentID, RefundedCents: said.RefundedCents, Dispute: string(said.Dispute), DisputedCents: said.DisputedCents,
		LeftCents: said.LeftCents(), AskedAt: asked, Unsent: unsent,
	})
	if err != nil {
		return err
	}
	if stood.Missing {
		err = w.seeRefunds(ctx, c)
	}
	if !stood.News {
		return err
	}
	w.metrics.gone.WithLabelValues(c.Gateway).Inc()
	w.log.Warn("money of a charge moved without us", "order", c.OrderID, "charge", c.ID, "gateway", c.Gateway,
		"dispute", said.Dispute, "left_cents", said.LeftCents())
	return errors.Join(err, w.payOwed(ctx, c.OrderID), w.line.TellOrder(ctx, stood.Order))
}

// seeRefunds asks what became of refunds that the gateway had confirmed; those that came back are owed anew.
func (w *Worker) seeRefunds(ctx context.Context, c store.Charge) error {
	gateway, err := w.gateways.ByName(c.Gateway)
	if err != nil {
		return err
	}
	sent, err := w.store.ChargeRefunds(ctx, c.ID)
	if err != nil {
		return err
	}
	for id, gatewayID := range sent {
		r, err := gateway.GetRefund(ctx, cmp.Or(c.PaymentID, c.GatewayID), gatewayID)
		if err != nil {
			return fmt.Errorf("refund %s: %w", id, err)
		}
		if r.Status != payment.RefundFailed {
			continue
		}
		news, err := w.store.RefundCameBack(ctx, id)
		if err != nil {
			return err
		}
		if news {
			w.metrics.refunds.WithLabelValues("came_back").Inc()
			w.log.Error("a refund came back after it was done and is owed anew", "order", c.OrderID, "refund", id, "gateway", c.Gateway)
		}
	}
	return w.payOwed(ctx, c.OrderID)
}

// cover settles the part of a refund for which the gateway has no money left, because it went back without us. It returns
// whether the refund has changed, so that the rest can be asked for.
func (w *Worker) cover(ctx context.Context, d store.RefundDue) (bool, error) {
	asked, err := w.store.Now(ctx)
	if err != nil {
		return false, err
	}
	c, err := w.store.Charge(ctx, d.ChargeID)
	if err != nil {
		return false, err
	}
	said, err := w.ask(ctx, c)
	if err != nil || said.Status != payment.Paid {
		return false, err
	}
	if err := w.stand(ctx, c, said, asked, true); err != nil {
		return false, err
	}
	return w.store.CoverRefund(ctx, d.RefundID, said.LeftCents())
}
