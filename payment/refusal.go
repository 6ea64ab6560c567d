package payment

import (
	"errors"
	"fmt"
)

// Reason is why a gateway did not do what was asked, as far as a person can do something about it.
type Reason string

// The reasons.
const (
	ReasonUnknown   Reason = ""
	ReasonAmount    Reason = "amount"     // below or above what the gateway takes
	ReasonCurrency  Reason = "currency"   // not one that it takes
	ReasonMethod    Reason = "method"     // the shop's account cannot take it, such as Pix without a key
	ReasonTestUser  Reason = "test_user"  // play and real accounts do not mix
	ReasonSamePayer Reason = "same_payer" // the payer's account is the shop's own
	ReasonPayer     Reason = "payer"      // what is known of the payer does not do
	ReasonLess      Reason = "less"       // less is left of the charge than was asked back
	ReasonTooOld    Reason = "too_old"    // it was paid too long ago to send it back
	ReasonBalance   Reason = "balance"    // the shop's account is empty just now; asked again later it is no refusal
)

// reasoned is an error with a reason.
type reasoned struct {
	error
	reason Reason
}

func (r reasoned) Unwrap() error { return r.error }

// Because gives an error a reason.
func Because(reason Reason, err error) error { return reasoned{err, reason} }

// Refuse is ErrRefused with a reason.
func Refuse(reason Reason, format string, args ...any) error {
	return Because(reason, fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...)))
}

// ReasonOf is the reason of an error, if it has one.
func ReasonOf(err error) Reason {
	r, _ := errors.AsType[reasoned](err)
	return r.reason
}
