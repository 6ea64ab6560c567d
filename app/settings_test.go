package app

import (
	"strings"
	"testing"
)

func TestSettingsTellEverythingThatIsWrong(t *testing.T) {
	_, err := readSettings(map[string]string{
		"PORT": "0", "BASE_URL": "tickets.example", "RATE_LIMIT": "join=many", "PAYMENT_GATEWAY": "piggybank",
		"LOG_FORMAT": "xml", "LOG_LEVEL": "loud", "SECRET_KEY": "short", "SANDBOX_CRUELTY": "outage=often",
	})
	for _, name := range []string{"PORT", "BASE_URL", "RATE_LIMIT", "PAYMENT_GATEWAY", "LOG_FORMAT", "LOG_LEVEL", "SECRET_KEY", "SANDBOX_CRUELTY"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("nothing about %s in: %v", name, err)
		}
	}
}

func TestPlayMoneyStaysAtHome(t *testing.T) {
	for base, ok := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:9000": true,
		"https://tickets.example": false, "http://10.0.0.5": false, "http://localhost.example": false,
	} {
		_, sandbox := readSettings(map[string]string{"BASE_URL": base})
		if (sandbox == nil) != ok {
			t.Errorf("the sandbox at %s: %v", base, sandbox)
		}
		_, limits := readSettings(map[string]string{"BASE_URL": base, "RATE_LIMIT": "off"})
		if (limits == nil) != ok {
			t.Errorf("no limits at %s: %v", base, limits)
		}
	}
}

func TestRolesTellEverySettingThatIsMissing(t *testing.T) {
	s, err := readSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	missing := s.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} {
		if missing == nil || !strings.Contains(missing.Error(), name) {
			t.Errorf("nothing about %s in: %v", name, missing)
		}
	}
}
