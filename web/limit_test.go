package web

import (
	"regexp"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"guiche/store/local"
)

func TestParseLimits(t *testing.T) {
	changed := DefaultLimits
	changed.Join, changed.LoginAddress = 3, 70
	for text, want := range map[string]Limits{
		"":                           DefaultLimits,
		"off":                        {Off: true},
		" off ":                      {Off: true},
		"join=3,login_address=70":    changed,
		" join=3 , login_address=70": changed,
	} {
		if got, err := ParseLimits(text); err != nil || got != want {
			t.Errorf("ParseLimits(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"on", "join", "join=", "join=0", "join=-1", "join=1e3", "jion=3", "join=3,", "join=9999999999"} {
		if got, err := ParseLimits(text); err == nil {
			t.Errorf("ParseLimits(%q) = %+v, want an error", text, got)
		}
	}
}

func TestLimiterCountsEachPersonAndKindAlone(t *testing.T) {
	options, err := redis.ParseURL(local.NewRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	l := newLimiter(nil, rdb, DefaultLimits, []byte("secret"))
	allow := func(kind, who string) time.Duration {
		wait, err := l.allow(t.Context(), kind, 2, who)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	for range 2 {
		if wait := allow("login", "ana@guiche.test"); wait != 0 {
			t.Fatalf("has to wait %v at once", wait)
		}
	}
	if wait := allow("login", "ana@guiche.test"); wait < time.Second || wait > time.Minute {
		t.Errorf("the third of two in a minute has to wait %v", wait)
	}
	if wait := allow("login", "bia@guiche.test"); wait != 0 {
		t.Errorf("somebody else has to wait %v", wait)
	}
	if wait := allow("join", "ana@guiche.test"); wait != 0 {
		t.Errorf("something else has to wait %v", wait)
	}
	for _, key := range rdb.Keys(t.Context(), "*").Val() {
		if !regexpKey.MatchString(key) {
			t.Errorf("key %q may hold personal data", key)
		}
	}
}

func TestNeighbourhood(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.9":          "203.0.113.9",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::9":      "2001:db8:1:2::/64",
		"::ffff:203.0.113.9":   "::ffff:203.0.113.9",
		"@":                    "@", // a Unix socket has no address
	} {
		if got := neighbourhood(ip); got != want {
			t.Errorf("neighbourhood(%q) = %q, want %q", ip, got, want)
		}
	}
}

var regexpKey = regexp.MustCompile(`^rate:(login|join):[A-Za-z0-9_-]{24}$`)
