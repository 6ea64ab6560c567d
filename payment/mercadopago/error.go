package mercadopago

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/mercadopago/sdk-go/pkg/mperror"

	"guiche/payment"
)

// errAnswer says that an answer was none, as of a proxy.
var errAnswer = errors.New("payment: mercadopago: unreadable answer")

// Causes that Mercado Pago gives for an error and that mean more than its status.
const (
	causeSameRequest = 2001 // the same was asked a moment ago
	causeKeyUsed     = 2032 // said as "not found"
)

// safeError turns an error of the library into one that says nothing of the payer or the key.
func safeError(err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*mperror.ResponseError](err)
	if !ok {
		if unreachable, ok := errors.AsType[*url.Error](err); ok {
			return fmt.Errorf("payment: mercadopago: %w", unreachable.Err)
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("payment: mercadopago: %w", err)
		}
		return errAnswer // the library quotes what it could not read
	}
	return refusal(e.StatusCode, e.Message)
}

// refusal reads an answer that is no success.
func refusal(status int, body string) error {
	word, causes, ok := causesOf(body)
	if !ok {
		return fmt.Errorf("%w, status %d", errAnswer, status)
	}
	said := fmt.Sprintf("mercadopago: answer %d %v", status, causes)
	if status == http.StatusTooManyRequests {
		return fmt.Errorf("%w: %s", payment.ErrBusy, said)
	}
	refused := false
	switch status {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusUnprocessableEntity:
		refused = !slices.Contains(causes, causeSameRequest)
	case http.StatusNotFound:
		if !slices.Contains(causes, causeKeyUsed) {
			return payment.ErrNotFound
		}
		refused = true
	case http.StatusConflict:
		refused = word == "idempotency_key_already_used"
	}
	if !refused {
		return fmt.Errorf("payment: %s", said)
	}
	for _, cause := range causes {
		switch reason := reasons[cause]; reason {
		case payment.ReasonUnknown:
		case payment.ReasonBalance: // money comes in
			return payment.Because(reason, fmt.Errorf("payment: %s", said))
		default:
			return payment.Refuse(reason, "%s", said)
		}
	}
	return fmt.Errorf("%w: %s", payment.ErrRefused, said)
}

// reasons are those of the causes that people can do something about.
var reasons = map[int]payment.Reason{
	2024:  payment.ReasonTooOld,    // of a refund, after 180 days
	2030:  payment.ReasonBalance,   // the collector's account
	2031:  payment.ReasonBalance,   // likewise
	2034:  payment.ReasonTestUser,  // invalid users involved
	2060:  payment.ReasonSamePayer, // the payer is the collector
	2067:  payment.ReasonPayer,     // her CPF
	4037:  payment.ReasonAmount,    // invalid transaction amount
	13253: payment.ReasonMethod,    // no key for Pix
}

// causesOf reads the body of an error: its word and its numbers. The sentences in it may be about the payer.
func causesOf(body string) (word string, causes []int, ok bool) {
	var said struct {
		Message *string         `json:"message"`
		Error   string          `json:"error"`
		Cause   json.RawMessage `json:"cause"`
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil || said.Message == nil {
		return "", nil, false
	}
	var list []struct {
		Code json.Number `json:"code"`
	}
	if err := json.Unmarshal(said.Cause, &list); err != nil {
		return said.Error, nil, true // there is none, or of another form
	}
	for _, cause := range list {
		if code, err := cause.Code.Int64(); err == nil {
			causes = append(causes, int(code))
		}
	}
	return said.Error, causes, true
}
