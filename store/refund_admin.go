package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Errors of an admin's refund.
var (
	// ErrTooMuch says that the refund is more than what is left of the order's money.
	ErrTooMuch = errors.New("more than is left")
	// ErrUsed says that a chosen ticket has been used at the gate.
	ErrUsed = errors.New("ticket was used")
	// ErrNothing says that neither tickets nor money were chosen.
	ErrNothing = errors.New("nothing to refund")
)

// AdminRefund is what an admin gives back of an order, whatever the order's policy says.
type AdminRefund struct {
	ID        uuid.UUID // from the form: a form that is sent again makes one refund
	OrderID   uuid.UUID
	TicketIDs []int64 // that become void; none to give money back while the tickets stay valid
	Used      bool    // tickets that were used at the gate may be among them
	Cents     *int64  // nil for what the tickets cost
	Note      string  // why
}

// AdminRefund owes an admin's refund, once per id. The stock of its tickets returns through the generator.
// ErrNotFound; ErrState if the order is not paid, a ticket is void or another order's, or the id is taken; ErrTooMuch,
// ErrUsed, ErrNothing.
func (s *Store) AdminRefund(ctx context.Context, adminID int64, a AdminRefund) (r Refund, err error) {
	defer wrap(&err, "refund of order %s by admin", a.OrderID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, a.OrderID)
		if err != nil {
			return err
		}
		var before []Refund
		if err := tx.SelectContext(ctx, &before, `select `+refundColumns+` from refunds where order_id = $1 or id = $2`, o.ID, a.ID); err != nil {
			return err
		}
		for _, b := range before {
			if b.ID == a.ID && b.OrderID == o.ID {
				r = b
				return nil // the form was sent twice
			}
			if b.ID == a.ID {
				return ErrState
			}
		}
		if o.Status != Paid {
			return ErrState
		}
		if err := lockChosen(ctx, tx, a); err != nil {
			return err
		}
		o.Refunds = before
		cents := min(int64(len(a.TicketIDs))*(o.PriceCents+o.FeeCents), RefundLeftCents(o))
		if a.Cents != nil {
			cents = *a.Cents
		}
		switch {
		case cents > RefundLeftCents(o):
			return ErrTooMuch
		case cents <= 0 && len(a.TicketIDs) == 0:
			return ErrNothing
		}
		owed, err := oweBack(ctx, tx, owedRefund{
			ID: a.ID, OrderID: o.ID, Reason: "admin", AdminID: adminID, Note: a.Note, Quantity: len(a.TicketIDs), Cents: cents,
		})
		if err != nil {
			return err
		}
		r = owed[0]
		if err := voidTickets(ctx, tx, r, a.TicketIDs); err != nil {
			return err
		}
		if err := oweReceipt(ctx, tx, LetterTakenBack, r); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "order.refund", orderSubject(o.ID), map[string]any{
			"refund": r.ID, "tickets": a.TicketIDs, "cents": r.AmountCents, "note": a.Note,
		})
	})
	return r, err
}

// lockChosen locks the tickets of an admin's refund, and checks that they still stand.
func lockChosen(ctx context.Context, tx *sqlx.Tx, a AdminRefund) error {
	var chosen []TicketStatus
	if err := tx.SelectContext(ctx, &chosen, `select status from tickets
		where order_id = $1 and id = any($2) and `+ticketStands+` order by id for update`,
		a.OrderID, pq.Int64Array(a.TicketIDs)); err != nil {
		return err
	}
	if len(chosen) != len(a.TicketIDs) {
		return ErrState
	}
	for _, status := range chosen {
		if status == TicketUsed && !a.Used {
			return ErrUsed
		}
	}
	return nil
}

// RetryRefund makes a refund that the gateway refused, or that waits for its next try, due at once: one that was refused
// by another attempt with a key of its own. ErrState if it has an end, or if another one of its charge is under way: they
// go one after the other. ErrNotFound.
func (s *Store) RetryRefund(ctx context.Context, adminID int64, refundID uuid.UUID) (r Refund, err error) {
	defer wrap(&err, "retry refund %s", refundID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := lockRefund(ctx, tx, refundID); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &r, `select `+refundColumns+` from refunds where id = $1`, refundID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			insert into refund_attempts (refund_id)
			select id from refunds r where id = $1 and status = 'refused' and not `+attemptOpen+`
				and not exists (select from refunds r where r.order_id = $2 and r.charge_id = $3 and `+refundUnderWay+`)`,
			refundID, r.OrderID, r.ChargeID); err != nil {
			return err
		}
		var retried []Refund
		if err := tx.SelectContext(ctx, &retried, `update refunds r set next_try_at = now() where id = $1 and `+refundUnderWay+`
			returning `+refundColumns, refundID); err != nil {
			return err
		}
		if len(retried) == 0 {
			return ErrState
		}
		r = retried[0]
		return logAdmin(ctx, tx, adminID, "refund.retry", orderSubject(r.OrderID), map[string]any{"refund": r.ID})
	})
	return r, err
}

// StuckRefund is a refund that a person has to look into.
type StuckRefund struct {
	ID          uuid.UUID
	OrderID     uuid.UUID
	EventID     int64
	Event       string // its name
	Gateway     string
	AmountCents int64 // that has yet to reach its fan: what went back without us is taken off
	Currency    string
	Status      RefundStatus
	Retrying    bool   // it was refused and is being tried again
	Settleable  bool   // SettleRefund may end it
	Reason      string // the gateway's last answer, in its words
	Attempts    int    // tries in all
	AskedAt     time.Time
}

// StuckRefunds lists refunds that the gateway refused, those that are being tried again among them, or has not confirmed
// for a day; the oldest first.
func (s *Store) StuckRefunds(ctx context.Context, limit int) (stuck []StuckRefund, err error) {
	defer wrap(&err, "stuck refunds")
	err = s.db.SelectContext(ctx, &stuck, `
		select r.id, r.order_id, o.event_id, e.name as event, c.gateway, r.amount_cents - r.covered_cents as amount_cents, c.currency, r.status, r.attempts, r.asked_at,
			r.status = 'refused' and `+attemptOpen+` as retrying, `+refundSettleable+` as settleable,
			coalesce((select reason from refund_attempts where refund_id = r.id and reason <> '' order by began_at desc limit 1), '') as reason
		from refunds r join charges c on c.id = r.charge_id join orders o on o.id = r.order_id join events e on e.id = o.event_id
		where r.status = 'refused' or r.status = 'owed' and r.asked_at < now() - interval '1 day'
		order by r.asked_at limit $1`, limit)
	return stuck, err
}

func orderSubject(id uuid.UUID) string { return fmt.Sprintf("order %s", id) }
