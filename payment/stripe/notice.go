package stripe

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stripe/stripe-go/v86/webhook"

	"guiche/payment"
)

// ParseNotice checks who signed an event and finds the charge that it is about: the session itself, by our metadata an
// intent, a card charge or a refund of it, or by its intent a dispute. An old one is a hint like any other: what counts is
// what Stripe says when it is asked.
func (s *Gateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	signature := d.Header.Get("Stripe-Signature")
	if s.webhookSecret == "" {
		return payment.Notice{}, payment.ErrSignature
	}
	event, err := webhook.ConstructEventWithOptions(d.Body, signature, s.webhookSecret, webhook.ConstructEventOptions{
		IgnoreTolerance:          true,
		IgnoreAPIVersionMismatch: true, // nothing is read that differs between versions
	})
	switch {
	case errors.Is(err, webhook.ErrNotSigned), errors.Is(err, webhook.ErrInvalidHeader), errors.Is(err, webhook.ErrNoValidSignature):
		return payment.Notice{}, payment.ErrSignature
	case err != nil:
		return payment.Notice{}, payment.ErrNotice // the library quotes what it could not read
	case event.ID == "" || event.Data == nil:
		return payment.Notice{}, fmt.Errorf("%w: a field is missing", payment.ErrNotice)
	}
	var about struct {
		ID                string            `json:"id"`
		Object            string            `json:"object"`
		ClientReferenceID string            `json:"client_reference_id"`
		PaymentIntent     json.RawMessage   `json:"payment_intent"` // its id, or all of it
		Metadata          map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(event.Data.Raw, &about); err != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	n := payment.Notice{ID: event.ID, Reference: about.Metadata[referenceKey]}
	if about.Object == "checkout.session" && sessionID.MatchString(about.ID) {
		n.Reference, n.ChargeID = about.ClientReferenceID, about.ID
	}
	if about.Object == "dispute" || about.Object == "refund" { // made in the dashboard it has none of our metadata
		var intent string
		if json.Unmarshal(about.PaymentIntent, &intent) == nil && intentID.MatchString(intent) && n.Reference == "" {
			n.ChargeID = intent
		}
	}
	if n.Reference == "" && n.ChargeID == "" {
		return payment.Notice{}, payment.ErrOtherNotice
	}
	return n, nil
}
