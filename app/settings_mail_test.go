package app

import (
	"strings"
	"testing"
)

func TestAPublicShopCanReachItsFans(t *testing.T) {
	public := set(stripeKeys, map[string]string{"BASE_URL": "https://tickets.example", "PAYMENT_GATEWAY": "stripe"})
	server := map[string]string{"SMTP_URL": "smtps://user:hidden@mail.example"}
	from := map[string]string{"MAIL_FROM": "Bilheteria <ingressos@tickets.example>"}
	for name, row := range map[string]struct {
		environment map[string]string
		wrong       []string
	}{
		"on this machine":                  {nil, nil},
		"on this machine, with a server":   {server, nil},
		"a public shop":                    {set(public, server, from), nil},
		"a public shop without letters":    {public, []string{"SMTP_URL", "MAIL_FROM"}},
		"a public shop without a sender":   {set(public, server), []string{"MAIL_FROM"}},
		"a sender that is no address":      {set(server, map[string]string{"MAIL_FROM": "Bilheteria"}), []string{"MAIL_FROM"}},
		"a mail server that is no URL":     {map[string]string{"SMTP_URL": "user:hidden@mail.example"}, []string{"SMTP_URL"}},
		"an outbox that dev did not start": {map[string]string{"GUICHE_OUTBOX": "localhost:9005"}, []string{"GUICHE_OUTBOX"}},
		"an outbox that everybody can read": {
			set(public, server, from, map[string]string{"GUICHE_OUTBOX": "localhost:9005", "GUICHE_DEV": "true"}), []string{"GUICHE_OUTBOX"},
		},
	} {
		s, err := readSettings(row.environment)
		if (err == nil) != (row.wrong == nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, setting := range row.wrong {
			if !strings.Contains(err.Error(), setting) {
				t.Errorf("%s: nothing about %s in: %v", name, setting, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: a password is told in: %v", name, err)
		}
		s.SecretKey = "a secret"
		if mail, failed := s.letters(); err == nil && (failed != nil || (mail == nil) != (s.SMTPURL == "")) {
			t.Errorf("%s: mail %v, %v", name, mail, failed)
		}
	}
}
