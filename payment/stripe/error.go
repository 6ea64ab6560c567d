package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	sdk "github.com/stripe/stripe-go/v86"

	"guiche/payment"
)

// errAnswer says that an answer was none, as of a proxy.
var errAnswer = errors.New("payment: stripe: unreadable answer")

// keyUsed says that the idempotency key has asked for something else before, and not just for the same right now.
func keyUsed(err error) bool {
	e, ok := errors.AsType[*sdk.Error](err)
	return ok && e.Type == sdk.ErrorTypeIdempotency && e.HTTPStatusCode == http.StatusBadRequest
}

// safeError turns an error of the library into one that says nothing of the payer or the key.
func safeError(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		if unreachable, ok := errors.AsType[*url.Error](err); ok {
			return fmt.Errorf("payment: stripe: %w", unreachable.Err)
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("payment: stripe: %w", err)
		}
		return errAnswer // the library quotes what it could not read
	}
	if e.HTTPStatusCode == http.StatusNotFound && e.Code == sdk.ErrorCodeResourceMissing {
		return payment.ErrNotFound
	}
	said := fmt.Sprintf("stripe: answer %d %s %s, request %s", e.HTTPStatusCode, e.Type, e.Code, e.RequestID)
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		switch e.Code {
		case sdk.ErrorCodeBalanceInsufficient, sdk.ErrorCodeLockTimeout, sdk.ErrorCodeRateLimit:
			// Money comes in, and others finish.
		default:
			return fmt.Errorf("%w: %s", payment.ErrRefused, said)
		}
	}
	return fmt.Errorf("payment: %s", said)
}
