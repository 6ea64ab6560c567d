package sandbox

import (
	"time"

	"guiche/payment"
)

// What the sandbox client and the sandbox provider say to each other over HTTP. Both sides use these very types.

// wireNewCharge is the body of POST /v1/charges.
type wireNewCharge struct {
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
func onWire(c payment.NewCharge) wireNewCharge {
	return wireNewCharge{
		Reference: c.Reference, AmountCents: c.AmountCents, Currency: c.Currency, Description: c.Description,
		ExpiresAt: c.ExpiresAt, ReturnURL: c.ReturnURL, NoticeURL: c.NoticeURL, Language: c.Language,
	}
}

// wireCharge answers everything that is asked of a charge.
type wireCharge struct {
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

// wireNewRefund is the body of POST /v1/charges/{id}/refunds.
type wireNewRefund struct {
	Key         string `json:"key"`
	AmountCents int64  `json:"amount_cents"`
}

// wireRefund answers it.
type wireRefund struct {
	ID          string               `json:"id"`
	AmountCents int64                `json:"amount_cents"`
	Status      payment.RefundStatus `json:"status"`
}

// wireNotice is the body of a notice.
type wireNotice struct {
	ID        string     `json:"id"` // equal for every try of the same notice
	Reference string     `json:"reference"`
	Type      noticeType `json:"type"`
	Created   time.Time  `json:"created"`
}

// noticeType is the news that a notice hints at.
type noticeType string

const (
	chargePending  noticeType = "charge.pending"
	chargePaid     noticeType = "charge.paid"
	chargeDeclined noticeType = "charge.declined"
	chargeRefunded noticeType = "charge.refunded" // by somebody else than the merchant's program
	chargeDisputed noticeType = "charge.disputed"
	disputeClosed  noticeType = "charge.dispute_closed"
	refundFailed   noticeType = "refund.failed"
)

// wireCruelty is the body of POST /v1/cruelty, and of its answer.
type wireCruelty struct {
	Cruelty string `json:"cruelty"`
}

// wireError is the body of every answer of the API that is no success.
type wireError struct {
	Error errorCode `json:"error"`
}

// errorCode is what the API says went wrong; the words go into logs, never to a payer.
type errorCode string

const (
	codeUnauthorized errorCode = "unauthorized"
	codeMalformed    errorCode = "malformed"
	codeInvalid      errorCode = "invalid"
	codeMethod       errorCode = "method" // the merchant's account cannot take any payment
	codeBusy         errorCode = "too_many_requests"
	codeNotFound     errorCode = "not_found"
	codeConflict     errorCode = "conflict"    // the reference or key was used for something else
	codeNotPaid      errorCode = "not_paid"    // nothing was captured that could go back
	codeExcessive    errorCode = "excessive"   // more than what is left of the captured amount
	codeRefused      errorCode = "refused"     // a refund that failed for good
	codeUnavailable  errorCode = "unavailable" // an outage, or the journal could not be written; nothing changed
)

// wireLimit bounds every body that either side reads.
const wireLimit = 64 << 10
