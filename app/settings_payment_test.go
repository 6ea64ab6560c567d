package app

import (
	"log/slog"
	"maps"
	"strings"
	"testing"
)

var (
	stripeKeys  = map[string]string{"STRIPE_SECRET_KEY": "sk_live_secret", "STRIPE_WEBHOOK_SECRET": "whsec_secret"}
	mercadoKeys = map[string]string{"MERCADOPAGO_ACCESS_TOKEN": "APP_USR-secret", "MERCADOPAGO_WEBHOOK_SECRET": "secret"}
)

// set joins settings; a later one wins.
func set(all ...map[string]string) map[string]string {
	joined := map[string]string{}
	for _, some := range all {
		maps.Copy(joined, some)
	}
	return joined
}

func TestARealGatewayNeedsItsKeys(t *testing.T) {
	stripe, mercado := map[string]string{"PAYMENT_GATEWAY": "stripe"}, map[string]string{"PAYMENT_GATEWAY": "mercadopago"}
	for name, row := range map[string]struct {
		environment map[string]string
		wrong       []string
	}{
		"nothing":                     {nil, nil},
		"stripe":                      {set(stripe, stripeKeys), nil},
		"mercadopago":                 {set(mercado, mercadoKeys), nil},
		"the sandbox and keys":        {set(stripeKeys, mercadoKeys), nil},
		"a restricted key":            {set(stripe, stripeKeys, map[string]string{"STRIPE_SECRET_KEY": "rk_live_secret"}), nil},
		"stripe without keys":         {stripe, []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}},
		"mercadopago without keys":    {mercado, []string{"MERCADOPAGO_ACCESS_TOKEN", "MERCADOPAGO_WEBHOOK_SECRET"}},
		"another's keys":              {set(stripe, mercadoKeys), []string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"}},
		"half of an earlier gateway":  {map[string]string{"MERCADOPAGO_WEBHOOK_SECRET": "secret"}, []string{"MERCADOPAGO_ACCESS_TOKEN"}},
		"a key that may be published": {set(stripe, stripeKeys, map[string]string{"STRIPE_SECRET_KEY": "pk_live_secret"}), []string{"STRIPE_SECRET_KEY"}},
		"keys in each other's place": {
			set(stripe, map[string]string{"STRIPE_SECRET_KEY": "whsec_secret", "STRIPE_WEBHOOK_SECRET": "sk_live_secret"}),
			[]string{"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"},
		},
		"a public key of mercadopago": {set(mercado, mercadoKeys, map[string]string{"MERCADOPAGO_ACCESS_TOKEN": "secret"}), []string{"MERCADOPAGO_ACCESS_TOKEN"}},
	} {
		_, err := readSettings(row.environment)
		if (err == nil) != (row.wrong == nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, setting := range row.wrong {
			if !strings.Contains(err.Error(), setting) {
				t.Errorf("%s: nothing about %s in: %v", name, setting, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: a key is told in: %v", name, err)
		}
	}
}

func TestAPublicShopSellsForMoney(t *testing.T) {
	public := map[string]string{
		"BASE_URL": "https://tickets.example", "SMTP_URL": "smtps://mail.example", "MAIL_FROM": "tickets@tickets.example",
	}
	for name, keys := range map[string]map[string]string{"stripe": stripeKeys, "mercadopago": mercadoKeys} {
		s, err := readSettings(set(public, keys, map[string]string{"PAYMENT_GATEWAY": name}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		gateways, err := s.gateways(slog.New(slog.DiscardHandler))
		if err != nil || gateways.Current().Name() != name {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := gateways.ByName("sandbox"); err == nil {
			t.Errorf("%s: hears the sandbox", name)
		}
	}
	if _, err := readSettings(set(public, stripeKeys)); err == nil {
		t.Error("a public shop sells for play money because it has other keys too")
	}
}

func TestEarlierGatewaysAreKept(t *testing.T) {
	s, err := readSettings(set(stripeKeys, mercadoKeys, map[string]string{"PAYMENT_GATEWAY": "mercadopago", "PORT": "9000"}))
	if err != nil {
		t.Fatal(err)
	}
	gateways, err := s.gateways(slog.New(slog.DiscardHandler))
	if err != nil || gateways.Current().Name() != "mercadopago" {
		t.Fatalf("current: %v", err)
	}
	for _, name := range []string{"sandbox", "stripe", "mercadopago"} {
		if gateway, err := gateways.ByName(name); err != nil || gateway.Name() != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
