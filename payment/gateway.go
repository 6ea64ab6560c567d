// Package payment is the contract of a payment API: what every gateway does, and what surrounds all of them. Each gateway
// is a package of its own below this one. Nothing here knows of tickets. Amounts are integer cents; every call can be
// repeated without harm.
package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/bojanz/currency"
)

// Errors that callers tell apart.
var (
	// ErrNotFound says that the gateway knows no such charge.
	ErrNotFound = errors.New("payment: not found")
	// ErrRefused says that the gateway will never do what was asked: repeating is useless, and a person has to look.
	ErrRefused = errors.New("payment: refused")
	// ErrBusy says that a gateway was asked too often: it is there, and wants a slower pace.
	ErrBusy = errors.New("payment: asked too often")
	// ErrSignature says that a notice was not signed by the gateway.
	ErrSignature = errors.New("payment: bad signature")
	// ErrNotice says that a signed notice makes no sense.
	ErrNotice = errors.New("payment: malformed notice")
	// ErrOtherNotice says that a signed notice is about something else than charges, so that there is nothing to do.
	ErrOtherNotice = errors.New("payment: notice of something else")
)

// Status is what a gateway says of a charge.
type Status string

// The states of a charge. Only Open and Pending can change into another.
const (
	Open      Status = "open"
	Pending   Status = "pending" // the payer has done her part and the gateway is not sure yet
	Paid      Status = "paid"
	Declined  Status = "declined"
	Cancelled Status = "cancelled" // by us, or because its deadline passed
)

// Method is how a charge is paid.
type Method string

// The methods that a payer may choose between before a charge is made.
const (
	AnyMethod Method = "" // the gateway's own page asks
	Pix       Method = "pix"
	Card      Method = "card"
)

// Payer is who pays, for gateways that must know. It is never logged.
type Payer struct {
	Name  string
	Email string
	CPF   string // 11 digits, or empty
}

// NewCharge asks for money.
type NewCharge struct {
	First       bool   // nobody has asked for it before, so that there is none to be found
	Reference   string // ours, unique; also the idempotency key
	AmountCents int64
	Currency    string // ISO 4217
	Description string // shown to the payer
	ExpiresAt   time.Time
	ReturnURL   string // where the payer's browser goes afterwards
	NoticeURL   string // where notices are sent
	Language    string // BCP 47
	Method      Method // one of Gateway.Methods, or AnyMethod if there are none
	Payer       Payer
}

// Check refuses what no gateway can take; ErrRefused.
func (c NewCharge) Check() error {
	switch {
	case c.Reference == "":
		return fmt.Errorf("%w: a charge without a reference", ErrRefused)
	case c.AmountCents <= 0:
		return fmt.Errorf("%w: a charge of %d cents", ErrRefused, c.AmountCents)
	case !currency.IsValid(c.Currency) || c.Currency == "": // the library takes none for valid
		return Refuse(ReasonCurrency, "a charge in no currency")
	}
	return nil
}

// Check refuses what no gateway can do; ErrRefused.
func (r NewRefund) Check() error {
	if r.Key == "" || r.AmountCents <= 0 {
		return fmt.Errorf("%w: a refund of %d cents", ErrRefused, r.AmountCents)
	}
	return nil
}

// DisputeStatus is how far an argument of the payer's bank about a paid charge is.
type DisputeStatus string

// The states of a dispute.
const (
	NoDispute   DisputeStatus = ""
	DisputeOpen DisputeStatus = "open"
	DisputeWon  DisputeStatus = "won"  // the money stayed, or came back
	DisputeLost DisputeStatus = "lost" // the bank took it for good
)

// Charge is what the gateway knows of one.
type Charge struct {
	ID            string // the gateway's
	PaymentID     string // of what took the money, where it has an id of its own: Get and Refund take it in place of ID
	Reference     string
	Status        Status
	AmountCents   int64 // what was asked, or what was paid once it is paid
	Currency      string
	RefundedCents int64 // sent back, whoever asked for it
	Dispute       DisputeStatus
	DisputedCents int64  // what the payer's bank holds now, or has taken for good
	PayURL        string // hosted page for the payer
	PixCode       string // "copia e cola", may be empty
	ExpiresAt     time.Time
}

// LeftCents is what the gateway still holds of a paid charge.
func (c Charge) LeftCents() int64 {
	if c.Status != Paid {
		return 0
	}
	return max(c.AmountCents-c.RefundedCents-c.DisputedCents, 0)
}

// Answering is the charge itself, unless the same reference has made it for something else; ErrRefused.
func (c Charge) Answering(n NewCharge) (Charge, error) {
	if c.Currency != n.Currency || c.AmountCents != n.AmountCents {
		return Charge{}, fmt.Errorf("%w: the reference was used for another amount", ErrRefused)
	}
	return c, nil
}

// NewRefund asks to send money back. Repeating one with the same key does it once, and tells what became of it.
// Refunds of one charge are sent one after the other.
type NewRefund struct {
	Key         string // idempotency key
	ChargeID    string // the gateway's
	AmountCents int64
	BeforeCents int64     // what earlier refunds of the charge have sent back
	Before      []string  // the gateway's ids of those: any other may be this one, whose key was forgotten
	AskedAt     time.Time // when it was decided on: what was sent back earlier is not this one
}

// RefundStatus is what a gateway says of a refund. Refund tells of one that failed for good as ErrRefused.
type RefundStatus string

// The states of a refund.
const (
	RefundPending RefundStatus = "pending" // on its way; it may still fail
	RefundDone    RefundStatus = "done"
	RefundFailed  RefundStatus = "failed" // perhaps days after it was done: the money is at the gateway again
)

// Refund is what the gateway says of one.
type Refund struct {
	ID          string
	AmountCents int64
	Status      RefundStatus
}

// Bounds are what a gateway can do at all in a currency.
type Bounds struct {
	LeastCents int64 // of a charge, whatever its method
	RefundDays int   // after so many days nothing can be sent back any more; 0 if there is no such end
}

// Delivery is a notice as it came in over HTTP.
type Delivery struct {
	Header http.Header
	Query  url.Values
	Body   []byte
}

// Notice is a signed hint that a charge has news. Only Get tells what.
// It names the charge by our reference, by the gateway's id, or by both.
type Notice struct {
	ID        string // the gateway's id of the notice; equal for repeats
	Reference string // ours; may be empty
	ChargeID  string // the gateway's; may be empty
}

// Gateway is one payment API.
type Gateway interface {
	// Name is the word used in settings and in webhook paths.
	Name() string
	// Methods are those that a payer chooses between before a charge is made; none if the gateway's own page asks.
	Methods() []Method
	// Bounds are those of charges in a currency; ok is false if it takes none.
	Bounds(currency string) (b Bounds, ok bool)
	// Create makes a charge, or finds the one with the same reference; ErrRefused.
	Create(ctx context.Context, c NewCharge) (Charge, error)
	// Get reads a charge by the gateway's id; ErrNotFound.
	Get(ctx context.Context, id string) (Charge, error)
	// Find reads a charge by our reference, for a Create whose answer was lost; ErrNotFound.
	// It was asked for near a moment, for gateways that can only list by time.
	Find(ctx context.Context, reference string, near time.Time) (Charge, error)
	// Cancel ends an open charge and returns what is true now: it may have been paid meanwhile, or be pending; ErrNotFound.
	Cancel(ctx context.Context, id string) (Charge, error)
	// Refund sends money of a paid charge back, once per key; ErrNotFound, ErrRefused.
	Refund(ctx context.Context, r NewRefund) (Refund, error)
	// GetRefund reads a refund of a charge, both by the gateway's ids; ErrNotFound.
	GetRefund(ctx context.Context, chargeID, refundID string) (Refund, error)
	// ParseNotice checks a notice's signature and reads it, however old it is; ErrSignature, ErrNotice, ErrOtherNotice.
	ParseNotice(d Delivery) (Notice, error)
}
