package mercadopago

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mercadopago/sdk-go/pkg/webhook"

	"guiche/payment"
)

// requestID is what Mercado Pago calls a delivery.
var requestID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)

// ParseNotice checks who signed a notice and reads which payment or chargeback it is about. The signature covers the number
// in the address, the id of the delivery and the moment, and nothing of the body: so the body is not looked at. An old one is
// a hint like any other: a repeat may carry the moment of the first try.
func (m *Gateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	signature, delivery := d.Header.Get("X-Signature"), d.Header.Get("X-Request-Id")
	about := d.Query["data.id"]
	if m.webhookSecret == "" || len(about) > 1 {
		return payment.Notice{}, payment.ErrSignature
	}
	about = append(about, "")
	// Signed is the id in lower case.
	if err := webhook.ValidateSignature(signature, delivery, strings.ToLower(about[0]), m.webhookSecret); err != nil {
		return payment.Notice{}, payment.ErrSignature
	}
	prefix := paymentPrefix
	switch d.Query.Get("type") {
	case "payment", "":
	case "topic_chargebacks_wh", "chargebacks":
		prefix = chargebackPrefix
	default:
		return payment.Notice{}, payment.ErrOtherNotice
	}
	if _, err := paymentNumber(about[0]); err != nil {
		return payment.Notice{}, fmt.Errorf("%w: no payment", payment.ErrNotice)
	}
	if delivery == "" {
		delivery = stampOf(signature)
	}
	if !requestID.MatchString(delivery) {
		return payment.Notice{}, fmt.Errorf("%w: no id", payment.ErrNotice)
	}
	id := about[0] + "/" + delivery
	if prefix == chargebackPrefix {
		id = prefix + id
	}
	return payment.Notice{ID: id, ChargeID: prefix + about[0]}, nil
}

// stampOf is the moment in a signature.
func stampOf(signature string) string {
	for part := range strings.SplitSeq(signature, ",") {
		if name, value, _ := strings.Cut(part, "="); strings.ToLower(strings.TrimSpace(name)) == "ts" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
