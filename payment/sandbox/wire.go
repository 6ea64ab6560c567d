package sandbox

import (
	"time"

	"guiche/payment"
)

// What the sandbox client and the sandbox provider say to each other over HTTP. Both sides use these very types.

// NewCharge is the body of POST /v1/charges.
type NewCharge struct {
	Reference   string    `json:"reference"`
	AmountCents int64     `json:"amount_cents"`
	Currency    string    `json:"currency"`
	Description string    `json:"description"`
	ExpiresAt   time.Time `json:"expires_at"`
	ReturnURL   string    `json:"return_url"`
	NoticeURL   string    `json:"notice_url"`
	Language    string    `json:"language"`
}

// onWire is what the provider hears of a new charge: nothing of the payer.
func onWire(c payment.NewCharge) NewCharge {
	return NewCharge{
		Reference: c.Reference, AmountCents: c.AmountCents, Currency: c.Currency, Description: c.Description,
		ExpiresAt: c.ExpiresAt, ReturnURL: c.ReturnURL, NoticeURL: c.NoticeURL, Language: c.Language,
	}
}

// Charge answers everything that is asked of a charge.
type Charge struct {
	ID            string                `json:"id"`
	PaymentID     string                `json:"payment_id,omitempty"`
	Reference     string                `json:"reference"`
	Status        payment.Status        `json:"status"`
	AmountCents   int64                 `json:"amount_cents"`
	Currency      string                `json:"currency"`
	RefundedCents int64                 `json:"refunded_cents"`
	Dispute       payment.DisputeStatus `json:"dispute,omitempty"`
	DisputedCents int64                 `json:"disputed_cents,omitempty"`
	PayURL        string                `json:"pay_url"`
	PixCode       string                `json:"pix_code"`
	ExpiresAt     time.Time             `json:"expires_at"`
}

// NewRefund is the body of POST /v1/charges/{id}/refunds.
type NewRefund struct {
	Key         string `json:"key"`
	AmountCents int64  `json:"amount_cents"`
}

// Refund answers it.
type Refund struct {
	ID          string               `json:"id"`
	AmountCents int64                `json:"amount_cents"`
	Status      payment.RefundStatus `json:"status"`
}

// Notice is the body of a notice.
type Notice struct {
	ID        string     `json:"id"` // equal for every try of the same notice
	Reference string     `json:"reference"`
	Type      NoticeType `json:"type"`
	Created   time.Time  `json:"created"`
}

// NoticeType is the news that a notice hints at.
type NoticeType string

const (
	ChargePending  NoticeType = "charge.pending"
	ChargePaid     NoticeType = "charge.paid"
	ChargeDeclined NoticeType = "charge.declined"
	ChargeRefunded NoticeType = "charge.refunded" // by somebody else than the merchant's program
	ChargeDisputed NoticeType = "charge.disputed"
	DisputeClosed  NoticeType = "charge.dispute_closed"
	RefundFailed   NoticeType = "refund.failed"
)

// Cruelty is the body of POST /v1/cruelty, and of its answer.
type Cruelty struct {
	Cruelty string `json:"cruelty"`
}

// Error is the body of every answer of the API that is no success.
type Error struct {
	Error ErrorCode `json:"error"`
}

// ErrorCode is what the API says went wrong; the words go into logs, never to a payer.
type ErrorCode string

const (
	CodeUnauthorized ErrorCode = "unauthorized"
	CodeMalformed    ErrorCode = "malformed"
	CodeInvalid      ErrorCode = "invalid"
	CodeMethod       ErrorCode = "method" // the merchant's account cannot take any payment
	CodeBusy         ErrorCode = "too_many_requests"
	CodeNotFound     ErrorCode = "not_found"
	CodeConflict     ErrorCode = "conflict"    // the reference or key was used for something else
	CodeNotPaid      ErrorCode = "not_paid"    // nothing was captured that could go back
	CodeExcessive    ErrorCode = "excessive"   // more than what is left of the captured amount
	CodeRefused      ErrorCode = "refused"     // a refund that failed for good
	CodeUnavailable  ErrorCode = "unavailable" // an outage, or the journal could not be written; nothing changed
)

// BodyLimit bounds every body that either side reads.
const BodyLimit = 64 << 10
