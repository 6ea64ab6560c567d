package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"guiche/payment"
)

// ParseNotice checks who signed an event and when, and finds the charge that it is about: the session itself, or by our
// metadata an intent, a card charge or a refund of it.
func (s *Gateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	signature := d.Header.Get("Stripe-Signature")
	// The age is ours to check: the library knows no clock but the machine's, and lets the future pass.
	if s.webhookSecret == "" || !s.recent(signature) {
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
		Metadata          map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(event.Data.Raw, &about); err != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	n := payment.Notice{ID: event.ID, Reference: about.Metadata[referenceKey]}
	if about.Object == "checkout.session" && sessionID.MatchString(about.ID) {
		n.Reference, n.ChargeID = about.ClientReferenceID, about.ID
	}
	if n.Reference == "" && n.ChargeID == "" {
		return payment.Notice{}, payment.ErrOtherNotice
	}
	return n, nil
}

// recent reports whether a signature says that it was made around now. One that says two moments is not believed.
func (s *Gateway) recent(signature string) bool {
	var stamps []string
	for part := range strings.SplitSeq(signature, ",") {
		if stamp, ok := strings.CutPrefix(part, "t="); ok {
			stamps = append(stamps, stamp)
		}
	}
	if len(stamps) != 1 {
		return false
	}
	seconds, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil {
		return false
	}
	return payment.Recent(time.Unix(seconds, 0), s.now())
}
