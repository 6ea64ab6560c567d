package app

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"guiche/payment"
	"guiche/payment/mercadopago"
	"guiche/payment/sandbox"
	"guiche/payment/stripe"
)

// The values of PAYMENT_GATEWAY.
const (
	sandboxGateway     = "sandbox"
	stripeGateway      = "stripe"
	mercadoPagoGateway = "mercadopago"
)

// gatewayKey is one of the two keys that a payment API needs.
type gatewayKey struct {
	gateway, name, value string
	starts               []string // how such a key begins, so that one is not taken for another
}

func (s settings) gatewayKeys() []gatewayKey {
	return []gatewayKey{
		{stripeGateway, "STRIPE_SECRET_KEY", s.StripeSecretKey, []string{"sk_", "rk_"}},
		{stripeGateway, "STRIPE_WEBHOOK_SECRET", s.StripeWebhookSecret, []string{"whsec_"}},
		{mercadoPagoGateway, "MERCADOPAGO_ACCESS_TOKEN", s.MercadoPagoAccessToken, []string{"APP_USR-", "TEST-"}},
		{mercadoPagoGateway, "MERCADOPAGO_WEBHOOK_SECRET", s.MercadoPagoWebhookSecret, nil},
	}
}

// hasGateway says whether the settings hold a key of a payment API.
func (s settings) hasGateway(name string) bool {
	for _, key := range s.gatewayKeys() {
		if key.gateway == name && key.value != "" {
			return true
		}
	}
	return false
}

// checkPayment reports everything that is wrong with the payment APIs, and no key. One that has keys without being
// PAYMENT_GATEWAY is that of earlier charges.
func (s settings) checkPayment(loopback bool) error {
	var wrong []error
	switch s.PaymentGateway {
	case stripeGateway, mercadoPagoGateway:
	case sandboxGateway:
		if !loopback {
			wrong = append(wrong, errors.New("PAYMENT_GATEWAY: sandbox is play money; BASE_URL is not a loopback address"))
		}
	default:
		wrong = append(wrong, fmt.Errorf("PAYMENT_GATEWAY: is not known; there are %s, %s and %s", // it may be a key in the wrong place
			sandboxGateway, stripeGateway, mercadoPagoGateway))
	}
	for _, key := range s.gatewayKeys() {
		switch {
		case key.value == "" && (s.PaymentGateway == key.gateway || s.hasGateway(key.gateway)):
			wrong = append(wrong, fmt.Errorf("%s is not set", key.name))
		case key.value != "" && !key.fits():
			wrong = append(wrong, fmt.Errorf("%s: begins with %s", key.name, strings.Join(key.starts, " or ")))
		}
	}
	return errors.Join(wrong...)
}

func (k gatewayKey) fits() bool {
	for _, start := range k.starts {
		if strings.HasPrefix(k.value, start) {
			return true
		}
	}
	return len(k.starts) == 0
}

// gateways are the payment APIs that the settings hold keys for, and the one for new charges. A shop that is not on this
// machine has no sandbox.
func (s settings) gateways(log *slog.Logger) (payment.Gateways, error) {
	known := map[string]payment.Gateway{}
	if loopback, _ := isLoopback(s.BaseURL); loopback {
		known[sandboxGateway] = sandbox.New(s.SandboxURL, s.sandboxSecret())
	}
	if s.hasGateway(stripeGateway) {
		known[stripeGateway] = stripe.New(stripe.Config{
			SecretKey: s.StripeSecretKey, WebhookSecret: s.StripeWebhookSecret,
		})
	}
	if s.hasGateway(mercadoPagoGateway) {
		mercadoPago, err := mercadopago.New(mercadopago.Config{
			AccessToken: s.MercadoPagoAccessToken, WebhookSecret: s.MercadoPagoWebhookSecret, Log: log,
		})
		if err != nil {
			return payment.Gateways{}, err
		}
		known[mercadoPagoGateway] = mercadoPago
	}
	current, ok := known[s.PaymentGateway]
	if !ok {
		return payment.Gateways{}, fmt.Errorf("PAYMENT_GATEWAY: %q has no keys", s.PaymentGateway)
	}
	var all []payment.Gateway
	for _, gateway := range known {
		all = append(all, gateway)
	}
	return payment.NewGateways(current, all...), nil
}
