// Package payment speaks with the outside world of money: the contract that every gateway fulfils, and the gateways.
// It knows nothing of tickets. Amounts are integer cents; every call can be repeated without harm.
package payment

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that the gateway knows no such charge.
	ErrNotFound = errors.New("payment: not found")
	// ErrSignature says that a notice was not signed by the gateway, or is stale.
	ErrSignature = errors.New("payment: bad signature")
	// ErrNotice says that a signed notice makes no sense.
	ErrNotice = errors.New("payment: malformed notice")
)

// Status is what a gateway says of a charge.
type Status string

// The states of a charge. Only Open can change into another.
const (
	Open      Status = "open"
	Paid      Status = "paid"
	Declined  Status = "declined"
	Cancelled Status = "cancelled" // by us, or because its deadline passed
)

// NewCharge asks for money.
type NewCharge struct {
	Reference   string // ours, unique; also the idempotency key
	AmountCents int64
	Currency    string // ISO 4217
	Description string // shown to the payer
	ExpiresAt   time.Time
	ReturnURL   string // where the payer's browser goes afterwards
	NoticeURL   string // where notices are sent
	Language    string // BCP 47
}

// Charge is what the gateway knows of one.
type Charge struct {
	ID            string // the gateway's
	Reference     string
	Status        Status
	AmountCents   int64
	Currency      string
	RefundedCents int64
	PayURL        string // hosted page for the payer
	PixCode       string // "copia e cola", may be empty
	ExpiresAt     time.Time
}

// NewRefund asks to send money back. Repeating one with the same key does it once.
type NewRefund struct {
	Key         string // idempotency key
	ChargeID    string // the gateway's
	AmountCents int64
}

// Refund is what the gateway says of one.
type Refund struct {
	ID          string
	AmountCents int64
}

// Notice is a signed hint that a charge has news. Only Get tells what.
type Notice struct {
	ID        string // the gateway's id of the notice; equal for repeats
	Reference string // ours
}

// Gateway is one payment API.
type Gateway interface {
	// Name is the word used in settings and in webhook paths.
	Name() string
	// Create makes a charge, or finds the one with the same reference.
	Create(ctx context.Context, c NewCharge) (Charge, error)
	// Get reads a charge by the gateway's id; ErrNotFound.
	Get(ctx context.Context, id string) (Charge, error)
	// Find reads a charge by our reference, for a Create whose answer was lost; ErrNotFound.
	Find(ctx context.Context, reference string) (Charge, error)
	// Cancel ends an open charge and returns what is true now: it may have been paid meanwhile.
	Cancel(ctx context.Context, id string) (Charge, error)
	// Refund sends money of a paid charge back, once per key.
	Refund(ctx context.Context, r NewRefund) (Refund, error)
	// ParseNotice checks a notice's signature and age and reads it; ErrSignature, ErrNotice.
	ParseNotice(header http.Header, body []byte) (Notice, error)
}
