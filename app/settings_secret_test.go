package app

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A password has pieces that no program may print, also where it was not encoded and a URL falls apart at its signs.
var spelledPasswords = []string{
	"hunter2", "hun#ter2", "hun/ter2", "hun?ter2", "hun%ter2", "hun%zzter2", "hun ter2", "hun@ter2", "hun:ter2", "hun[ter2", "hun\x01ter2",
	"7777#ter2", "7777/ter2", "7777?ter2", "7777?a=ter2", "7777/hun/ter2", "7777?pool_size=ter2",
}

// told are the pieces of a password that a text holds.
func told(text string) (pieces []string) {
	for _, piece := range []string{"hun", "ter2", "7777"} {
		if strings.Contains(text, piece) {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// wrongWith are settings that cannot work, each with a secret in it.
func wrongWith(password string) map[string]string {
	return map[string]string{
		"redis://fan:" + password + "@127.0.0.1:port/0":         "REDIS_URL",
		"redis://fan:" + password + "@127.0.0.1:1/zero":         "REDIS_URL",
		"redis://fan:" + password + "@127.0.0.1:1/0?colour=red": "REDIS_URL",
		"redis://fan:" + password + "@127.0.0.1:1/0/1":          "REDIS_URL",
		"redis://127.0.0.1:1/0?colour=" + password:              "REDIS_URL",
		"redis://127.0.0.1:1/" + password:                       "REDIS_URL",
		password + ":" + password + "@127.0.0.1:1":              "REDIS_URL",
		"unix://fan:" + password + "@":                          "REDIS_URL",
		"postgres://fan:" + password + "@127.0.0.1:port/guiche": "DATABASE_URL",
		"mysql://fan:" + password + "@127.0.0.1:1/guiche":       "DATABASE_URL",
		password + ":" + password + "@127.0.0.1:1/guiche":       "DATABASE_URL",
		"smtp://fan:" + password + "@mail.example:port":         "SMTP_URL",
		"smtp://fan:" + password + "@mail.example/box":          "SMTP_URL",
		"imap://fan:" + password + "@mail.example":              "SMTP_URL",
		"https://fan:" + password + "@tickets.example/shop":     "BASE_URL",
		"https://fan:" + password + "@tickets.example":          "BASE_URL",
		"tickets.example:" + password:                           "BASE_URL",
		"http://fan:" + password + "@localhost:1/pay":           "SANDBOX_URL",
		"pk_live_" + password:                                   "STRIPE_SECRET_KEY",
		"sk_live_" + password:                                   "STRIPE_WEBHOOK_SECRET",
		"whsec_" + password:                                     "MERCADOPAGO_ACCESS_TOKEN",
		"sk_test_" + password:                                   "PAYMENT_GATEWAY",
		"Guichê <" + password:                                   "MAIL_FROM",
		"short:" + password:                                     "SECRET_KEY",
	}
}

func TestNoSettingsSecretIsPrinted(t *testing.T) {
	for _, password := range spelledPasswords {
		for value, name := range wrongWith(password) {
			for _, c := range commands() {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				var said strings.Builder
				err := Run(ctx, []string{c.name}, []string{name + "=" + value}, &said, &said)
				if c.name != "help" && c.name != "version" && (err == nil || !strings.Contains(err.Error(), name)) {
					t.Errorf("guiche %s with %s=%s: nothing about it in: %v", c.name, name, value, err)
				}
				if err != nil {
					said.WriteString(err.Error())
				}
				if pieces := told(said.String()); pieces != nil {
					t.Errorf("guiche %s with %s=%s tells %q: %s", c.name, name, value, pieces, said.String())
				}
			}
		}
	}
}

// A password that cuts its URL short must not become the name or the port of a server either.
func TestAPasswordIsNeverDialled(t *testing.T) {
	for _, password := range spelledPasswords {
		for name, environment := range map[string][]string{
			"migrate": {"DATABASE_URL=postgres://fan:" + password + "@127.0.0.1:1/guiche"},
			"audit":   {"DATABASE_URL=postgres://fan:" + password + "@127.0.0.1:1/guiche", "REDIS_URL=redis://127.0.0.1:1"},
			"generator": {
				"DATABASE_URL=postgres://127.0.0.1:1/guiche", "REDIS_URL=redis://fan:" + password + "@127.0.0.1:1/0",
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			var said strings.Builder
			err := Run(ctx, []string{name}, environment, &said, &said)
			cancel()
			if err == nil {
				t.Errorf("guiche %s with %s: works", name, environment)
				continue
			}
			if pieces := told(said.String() + err.Error()); pieces != nil {
				t.Errorf("guiche %s with %s tells %q: %s%v", name, environment, pieces, said.String(), err)
			}
		}
	}
}
