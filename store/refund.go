package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// RefundStatus is how far a refund is.
type RefundStatus string

// The states of a refund.
const (
	RefundOwed    RefundStatus = "owed"
	RefundDone    RefundStatus = "done"
	RefundRefused RefundStatus = "refused" // the gateway will not do it: a person has to
	RefundSettled RefundStatus = "settled" // the money reached the fan outside the gateway
)

// Refund is money owed to a fan until the gateway has confirmed it.
type Refund struct {
	ID           uuid.UUID
	OrderID      uuid.UUID
	ChargeID     uuid.NullUUID
	Reason       string // "fan", "admin", "surplus" or "cancelled"
	AdminID      int64  `db:"account_id"` // the admin who did it; 0 if none
	Note         string // why, in the admin's words
	Quantity     int    // tickets taken back
	AmountCents  int64
	FeeCents     int64 // the part of it that was fee
	CoveredCents int64 // the part of it that had gone back without us
	Status       RefundStatus
	AskedAt      time.Time
	DoneAt       time.Time
	SettledAt    time.Time
}

// RestCents is what reaches the fan by this refund, beyond what had gone back without us.
func (r Refund) RestCents() int64 { return r.AmountCents - r.CoveredCents }

var refundColumns = columnsOf[Refund]().read("account_id", "done_at", "settled_at")

// WithdrawalDays are for how many days after paying the law lets a fan withdraw and have everything back (CDC art. 49).
const WithdrawalDays = 7

// BeyondLaw is what the policy gives beyond the law, which gives everything back within its days: nothing if its own days
// are no more than those.
func (p RefundPolicy) BeyondLaw() RefundPolicy {
	if p.RefundDays <= WithdrawalDays {
		return RefundPolicy{}
	}
	return p
}

// WithdrawalUntil is the last moment at which the law lets a fan give tickets back, whatever the order's policy says: days
// are counted whole, at the event. It ends with the show's beginning.
func WithdrawalUntil(o Order, e Event) time.Time {
	return earlier(endOfDay(o, e, WithdrawalDays), e.StartsAt)
}

// RefundUntil is the last moment at which a paid order's tickets may be given back: that of the law, or that of the
// order's policy if it is later.
func RefundUntil(o Order, e Event) time.Time {
	byLaw := WithdrawalUntil(o, e)
	byPolicy := earlier(endOfDay(o, e, o.RefundDays), e.StartsAt.Add(-time.Duration(o.RefundHours)*time.Hour))
	if byPolicy.After(byLaw) {
		return byPolicy
	}
	return byLaw
}

// endOfDay is the last moment of a day, counted from the one on which an order was paid, at its event.
func endOfDay(o Order, e Event, days int) time.Time {
	paid := o.PaidAt.In(e.Location())
	return time.Date(paid.Year(), paid.Month(), paid.Day()+days+1, 0, 0, 0, 0, e.Location()).Add(-time.Microsecond)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// RefundPerTicketCents is what a fan gets for one ticket that she gives back at a moment: all of it while the law lets her
// withdraw, then what the order's own policy says.
func RefundPerTicketCents(o Order, e Event, now time.Time) int64 {
	if o.RefundFee || !now.After(WithdrawalUntil(o, e)) {
		return o.PriceCents + o.FeeCents
	}
	return o.PriceCents
}

// RefundLeftCents is what was paid for an order and is not owed back.
func RefundLeftCents(o Order) int64 {
	if o.Status != Paid && o.Status != Refunded {
		return 0
	}
	left := o.AmountCents()
	for _, r := range o.Refunds {
		if r.Reason != "surplus" {
			left -= r.AmountCents
		}
	}
	return left
}

// AskRefund takes back valid tickets of the account's paid order, all of them if no ids are given: they are void at once,
// and the money is owed. The stock returns through the generator (Leader.Return). ErrNotFound if the order is not the
// account's; ErrState if the policy forbids it or a ticket is no longer valid.
func (s *Store) AskRefund(ctx context.Context, orderID uuid.UUID, accountID int64, ticketIDs []int64) (r Refund, err error) {
	defer wrap(&err, "ask refund of order %s", orderID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		o, err := lockOrder(ctx, tx, orderID)
		if err != nil {
			return err
		}
		if o.AccountID != accountID {
			return ErrNotFound
		}
		var e Event
		if err := tx.GetContext(ctx, &e, `select `+eventColumns+` from events where id = $1`, o.EventID); err != nil {
			return err
		}
		var now time.Time
		if err := tx.GetContext(ctx, &now, `select now()`); err != nil {
			return err
		}
		if o.Status != Paid || e.Status == EventCancelled || now.After(RefundUntil(o, e)) {
			return ErrState
		}
		var valid []int64
		if err := tx.SelectContext(ctx, &valid, `
			select id from tickets where order_id = $1 and status = 'valid' and blocked_at is null and ($3 or id = any($2))
			order by id for update`, orderID, pq.Int64Array(ticketIDs), len(ticketIDs) == 0); err != nil {
			return err
		}
		if len(valid) == 0 || len(ticketIDs) > 0 && len(valid) != len(ticketIDs) {
			return ErrState
		}
		owed, err := oweBack(ctx, tx, owedRefund{
			ID: NewID(), OrderID: orderID, Reason: "fan", Quantity: len(valid), Cents: int64(len(valid)) * RefundPerTicketCents(o, e, now),
		})
		if err != nil {
			return err
		}
		r = owed[0]
		if err := voidTickets(ctx, tx, r, valid); err != nil {
			return err
		}
		return oweReceipt(ctx, tx, LetterGivenBack, r)
	})
	return r, err
}
