package stripe

import (
	"context"

	sdk "github.com/stripe/stripe-go/v86"

	"guiche/payment"
)

// readDisputes adds what payers' banks say about a payment. While a dispute is open Stripe holds its money; an inquiry
// that comes before one holds none.
func (s *Gateway) readDisputes(ctx context.Context, intentID string, c *payment.Charge) error {
	params := &sdk.DisputeListParams{PaymentIntent: sdk.String(intentID)}
	for d, err := range s.api.V1Disputes.List(ctx, params).All(ctx) {
		if err != nil {
			return safeError(err)
		}
		switch d.Status {
		case sdk.DisputeStatusLost:
			c.Dispute = payment.DisputeLost
			c.DisputedCents += d.Amount
		case sdk.DisputeStatusNeedsResponse, sdk.DisputeStatusUnderReview:
			c.DisputedCents += d.Amount
			fallthrough
		case sdk.DisputeStatusWarningNeedsResponse, sdk.DisputeStatusWarningUnderReview:
			if c.Dispute != payment.DisputeLost {
				c.Dispute = payment.DisputeOpen
			}
		default:
			if c.Dispute == payment.NoDispute {
				c.Dispute = payment.DisputeWon
			}
		}
	}
	return nil
}
