package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/stripe/stripe-go/v86"
)

// errStripeAnswer says that an answer was none, as of a proxy.
var errStripeAnswer = errors.New("payment: stripe: unreadable answer")

// stripeKeyUsed says that the idempotency key has asked for something else before, and not just for the same right now.
func stripeKeyUsed(err error) bool {
	e, ok := errors.AsType[*stripe.Error](err)
	return ok && e.Type == stripe.ErrorTypeIdempotency && e.HTTPStatusCode == http.StatusBadRequest
}

// stripeError turns an error of the library into one that says nothing of the payer or the key.
func stripeError(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		if unreachable, ok := errors.AsType[*url.Error](err); ok {
			return fmt.Errorf("payment: stripe: %w", unreachable.Err)
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("payment: stripe: %w", err)
		}
		return errStripeAnswer // the library quotes what it could not read
	}
	if e.HTTPStatusCode == http.StatusNotFound && e.Code == stripe.ErrorCodeResourceMissing {
		return ErrNotFound
	}
	said := fmt.Sprintf("stripe: answer %d %s %s, request %s", e.HTTPStatusCode, e.Type, e.Code, e.RequestID)
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		switch e.Code {
		case stripe.ErrorCodeBalanceInsufficient, stripe.ErrorCodeLockTimeout, stripe.ErrorCodeRateLimit:
			// Money comes in, and others finish.
		default:
			return fmt.Errorf("%w: %s", ErrRefused, said)
		}
	}
	return fmt.Errorf("payment: %s", said)
}
