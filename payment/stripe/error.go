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
	if e.HTTPStatusCode == http.StatusTooManyRequests || e.Code == sdk.ErrorCodeRateLimit {
		return fmt.Errorf("%w: %s", payment.ErrBusy, said)
	}
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		switch e.Code {
		case sdk.ErrorCodeBalanceInsufficient: // money comes in
			return payment.Because(payment.ReasonBalance, fmt.Errorf("payment: %s", said))
		case sdk.ErrorCodeLockTimeout: // others finish
		default:
			return payment.Refuse(reasons[e.Code], "%s", said)
		}
	}
	return fmt.Errorf("payment: %s", said)
}

// reasons are those of Stripe's refusals that people can do something about.
var reasons = map[sdk.ErrorCode]payment.Reason{
	sdk.ErrorCodeAmountTooSmall:                payment.ReasonAmount,
	sdk.ErrorCodeAmountTooLarge:                payment.ReasonAmount,
	sdk.ErrorCodeEmailInvalid:                  payment.ReasonPayer,
	sdk.ErrorCodeChargeAlreadyRefunded:         payment.ReasonLess,
	sdk.ErrorCodeChargeDisputed:                payment.ReasonLess,
	sdk.ErrorCodeRefundDisputedPayment:         payment.ReasonLess,
	sdk.ErrorCodePaymentMethodInvalidParameter: payment.ReasonMethod,
}
