package mercadopago

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mercadopago/sdk-go/pkg/webhook"

	"guiche/payment"
)

// requestID is what Mercado Pago calls a delivery.
var requestID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)

// ParseNotice checks who signed a notice and when, and reads which payment it is about. The signature covers the payment's
// number in the address, the id of the delivery and the moment, and nothing of the body: so the body is not looked at.
func (m *Gateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	signature, delivery := d.Header.Get("X-Signature"), d.Header.Get("X-Request-Id")
	about := d.Query["data.id"]
	stamp, recent := m.recent(signature)
	if m.webhookSecret == "" || len(about) > 1 || !recent {
		return payment.Notice{}, payment.ErrSignature
	}
	about = append(about, "")
	// Signed is the id in lower case.
	if err := webhook.ValidateSignature(signature, delivery, strings.ToLower(about[0]), m.webhookSecret); err != nil {
		return payment.Notice{}, payment.ErrSignature
	}
	if kind := d.Query.Get("type"); kind != "payment" && kind != "" {
		return payment.Notice{}, payment.ErrOtherNotice
	}
	if _, err := paymentNumber(about[0]); err != nil {
		return payment.Notice{}, fmt.Errorf("%w: no payment", payment.ErrNotice)
	}
	if delivery == "" {
		delivery = stamp
	}
	if !requestID.MatchString(delivery) {
		return payment.Notice{}, fmt.Errorf("%w: no id", payment.ErrNotice)
	}
	return payment.Notice{ID: about[0] + "/" + delivery, ChargeID: paymentPrefix + about[0]}, nil
}

// recent reads when a signature says that it was made and reports whether that is around now. One that says two moments
// is not believed.
func (m *Gateway) recent(signature string) (stamp string, ok bool) {
	for part := range strings.SplitSeq(signature, ",") {
		name, value, _ := strings.Cut(part, "=")
		if strings.ToLower(strings.TrimSpace(name)) != "ts" {
			continue
		}
		if stamp != "" {
			return "", false
		}
		stamp = strings.TrimSpace(value)
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", false
	}
	at := time.UnixMilli(n)
	if n < 1e11 { // the documentation shows seconds as well
		at = time.Unix(n, 0)
	}
	return stamp, payment.Recent(at, m.now())
}
