package views

import (
	"context"

	"guiche/store"
)

// AdminLedgerModel is one page of an event's ledger, with its sums.
type AdminLedgerModel struct {
	Event     store.Event
	Tills     []store.Till
	Movements []store.Movement // the newest first
	Pages
}

func movementWord(ctx context.Context, k store.MovementKind) string {
	switch k {
	case store.MovedCaptured:
		return T(ctx, "ledger.captured")
	case store.MovedFee:
		return T(ctx, "ledger.fee")
	case store.MovedRefundOwed:
		return T(ctx, "ledger.refund_owed")
	case store.MovedFeeReturned:
		return T(ctx, "ledger.fee_returned")
	case store.MovedRefundSent:
		return T(ctx, "ledger.refund_sent")
	case store.MovedOutside:
		return T(ctx, "ledger.refund_outside")
	case store.MovedElsewhere:
		return T(ctx, "ledger.elsewhere")
	case store.MovedElsewhereBack:
		return T(ctx, "ledger.elsewhere_back")
	case store.MovedDisputed:
		return T(ctx, "ledger.disputed")
	case store.MovedDisputeWon:
		return T(ctx, "ledger.dispute_won")
	case store.MovedCovered:
		return T(ctx, "ledger.refund_covered")
	case store.MovedUncovered:
		return T(ctx, "ledger.refund_uncovered")
	case store.MovedRefundFailed:
		return T(ctx, "ledger.refund_failed")
	}
	return string(k)
}
