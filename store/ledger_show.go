package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MovementKind says what a movement of money is.
type MovementKind string

// The kinds of movements.
const (
	MovedCaptured    MovementKind = "captured"       // a charge took it
	MovedFee         MovementKind = "fee"            // so much of it is fee
	MovedRefundOwed  MovementKind = "refund_owed"    // it is owed back
	MovedFeeReturned MovementKind = "fee_returned"   // so much of that is fee
	MovedRefundSent  MovementKind = "refund_sent"    // the gateway has confirmed it
	MovedOutside     MovementKind = "refund_outside" // it reached the fan outside the gateway

	// Money that moved at the gateway without us.
	MovedElsewhere     MovementKind = "elsewhere"        // sent back in its own panel
	MovedElsewhereBack MovementKind = "elsewhere_back"   // and came back
	MovedDisputed      MovementKind = "disputed"         // the payer's bank wants it
	MovedDisputeWon    MovementKind = "dispute_won"      // and gave it back
	MovedCovered       MovementKind = "refund_covered"   // so much of what was sent had gone back before
	MovedUncovered     MovementKind = "refund_uncovered" // and did not after all
	MovedRefundFailed  MovementKind = "refund_failed"    // what was sent came back
)

// Movement is one row of the ledger.
type Movement struct {
	ID          int64
	At          time.Time
	EventID     int64
	OrderID     uuid.UUID
	OrderNumber int64 // in the event's line
	Gateway     string
	ChargeID    uuid.UUID
	RefundID    uuid.NullUUID
	Kind        MovementKind
	AmountCents int64
	Currency    string
}

const movements = `select l.*, o.number as order_number from ledger l join orders o on o.id = l.order_id `

// Movements lists some of an event's movements of money by id, the newest first.
func (s *Store) Movements(ctx context.Context, eventID int64, span Span, limit int) (rows []Movement, err error) {
	defer wrap(&err, "movements of event %d", eventID)
	if span.After > 0 {
		newer, err := s.MovementsBehind(ctx, eventID, span.After, limit)
		slices.Reverse(newer)
		return newer, err
	}
	err = s.db.SelectContext(ctx, &rows, movements+`where l.event_id = $1 and l.id < $2 order by l.id desc offset $3 limit $4`,
		eventID, span.before(), span.Skip, limit)
	return rows, err
}

// MovementsBehind lists an event's movements of money after one of them, the oldest first; 0 comes before the first.
func (s *Store) MovementsBehind(ctx context.Context, eventID, behind int64, limit int) (rows []Movement, err error) {
	defer wrap(&err, "movements of event %d", eventID)
	err = s.db.SelectContext(ctx, &rows, movements+`where l.event_id = $1 and l.id > $2 order by l.id limit $3`, eventID, behind, limit)
	return rows, err
}

// OrderMovements lists an order's movements of money, the oldest first.
func (s *Store) OrderMovements(ctx context.Context, orderID uuid.UUID) (rows []Movement, err error) {
	defer wrap(&err, "movements of order %s", orderID)
	err = s.db.SelectContext(ctx, &rows, movements+`where l.order_id = $1 order by l.id`, orderID)
	return rows, err
}

// Till is the totals of an event's ledger at one gateway.
type Till struct {
	Gateway       string
	Currency      string
	CapturedCents int64
	FeeCents      int64 // of it
	OwedCents     int64
	FeeBackCents  int64 // of it
	SentCents     int64
	OutsideCents  int64 // that went back outside the gateway
	GoneCents     int64 // gone back without us, beyond what we owed
}

// KeptCents is what was captured, is not owed back and has not gone back without us.
func (t Till) KeptCents() int64 { return t.CapturedCents - t.OwedCents - t.GoneCents }

// UnsentCents is what is owed back and not confirmed yet.
func (t Till) UnsentCents() int64 { return t.OwedCents - t.SentCents - t.OutsideCents }

// Tills adds up an event's ledger, by gateway.
func (s *Store) Tills(ctx context.Context, eventID int64) (tills []Till, err error) {
	defer wrap(&err, "tills of event %d", eventID)
	err = s.db.SelectContext(ctx, &tills, `
		select gateway, currency,
			coalesce(sum(amount_cents) filter (where kind = 'captured'), 0)::bigint as captured_cents,
			coalesce(sum(amount_cents) filter (where kind = 'fee'), 0)::bigint as fee_cents,
			coalesce(sum(amount_cents) filter (where kind = 'refund_owed'), 0)::bigint as owed_cents,
			coalesce(sum(amount_cents) filter (where kind = 'fee_returned'), 0)::bigint as fee_back_cents,
			coalesce(sum(case when kind = 'refund_sent' then amount_cents
				when kind in ('refund_failed', 'refund_uncovered') then -amount_cents end), 0)::bigint as sent_cents,
			coalesce(sum(amount_cents) filter (where kind = 'refund_outside'), 0)::bigint as outside_cents,
			coalesce(sum(case when kind in ('elsewhere', 'disputed', 'refund_uncovered') then amount_cents
				when kind in ('elsewhere_back', 'dispute_won', 'refund_covered') then -amount_cents end), 0)::bigint as gone_cents
		from ledger where event_id = $1 group by gateway, currency order by gateway, currency`, eventID)
	return tills, err
}
