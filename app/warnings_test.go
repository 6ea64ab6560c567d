package app

import (
	"strings"
	"testing"
)

func TestWhatIsHardlyMeantIsSaidAtStart(t *testing.T) {
	public := map[string]string{
		"BASE_URL": "https://tickets.example", "SMTP_URL": "smtps://mail.example", "MAIL_FROM": "tickets@tickets.example",
		"PAYMENT_GATEWAY": "stripe", "STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": "whsec_x",
	}
	for name, row := range map[string]struct {
		environment map[string]string
		wants       []string
	}{
		"a shop on this machine":                {nil, nil},
		"a public shop":                         {public, []string{"CLIENT_IP_HEADER"}},
		"a public shop that knows its visitors": {set(public, map[string]string{"CLIENT_IP_HEADER": "Fly-Client-IP"}), nil},
		"servers on this machine":               {map[string]string{"DATABASE_URL": "postgres://u@localhost/x?sslmode=disable", "REDIS_URL": "redis://127.0.0.1:6379"}, nil},
		"servers behind sockets":                {map[string]string{"DATABASE_URL": "postgres:///x?host=/run&sslmode=disable", "REDIS_URL": "unix:///run/redis.sock"}, nil},
		"servers elsewhere, encrypted":          {map[string]string{"DATABASE_URL": "postgres://u@db.internal/x", "REDIS_URL": "rediss://r.internal"}, nil},
		"servers elsewhere, in the open": {
			map[string]string{"DATABASE_URL": "postgres://u:secret@db.internal/x?sslmode=disable", "REDIS_URL": "redis://:secret@r.internal:6379"},
			[]string{"DATABASE_URL", "REDIS_URL"},
		},
	} {
		s, err := readSettings(row.environment)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		said := s.warnings()
		if len(said) != len(row.wants) {
			t.Errorf("%s: %q", name, said)
		}
		for _, want := range row.wants {
			if !strings.Contains(strings.Join(said, "\n"), want) {
				t.Errorf("%s: nothing about %s in %q", name, want, said)
			}
		}
		if strings.Contains(strings.Join(said, "\n"), "secret") {
			t.Errorf("%s: a password is told in %q", name, said)
		}
	}
}
