package cruelty

import (
	"strings"
	"testing"
	"time"
)

func TestTheWordsOfCruelty(t *testing.T) {
	for text, want := range map[string]Cruelty{
		"":  {},
		" ": {},
		"seed=7,delay=0-800ms,lost_answer=5%,outage=2%,hang=1.5%": {
			Seed: 7, Delay: Span{To: 800 * time.Millisecond}, LostAnswer: 0.05, Outage: 0.02, Hang: 0.015,
		},
		"delay=3s": {Delay: Span{From: 3 * time.Second, To: 3 * time.Second}},
		"down=on":  {Down: Window{To: UntilTold}},
		"down=30s": {Down: Window{To: 30 * time.Second}},
		"stuck=10s-1m, skew=-3s": {
			Stuck: Window{From: 10 * time.Second, To: time.Minute}, Skew: -3 * time.Second,
		},
		"lost_notice=100%,late_notice=20%:1s-3s,reorder=10%,duplicate=10%": {
			LostNotice: 1, LateNotice: Odds{0.2, Span{time.Second, 3 * time.Second}}, Reorder: 0.1, Duplicate: 0.1,
		},
		"decline=5%,pending=5%:4s,pending_decline=1%:4s,late_money=2%:0s": {
			Decline: 0.05, Pending: Odds{0.05, Span{4 * time.Second, 4 * time.Second}},
			PendingDecline: Odds{0.01, Span{4 * time.Second, 4 * time.Second}}, LateMoney: Odds{Share: 0.02},
		},
		"slow_refund=30%:5s,refused_refund=1%": {
			SlowRefund: Odds{0.3, Span{5 * time.Second, 5 * time.Second}}, RefusedRefund: 0.01,
		},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("%q is written as %q, which reads %+v, %v", text, got, again, err)
		}
	}
}

func TestEverythingWrongWithCruelWordsIsTold(t *testing.T) {
	for text, want := range map[string]string{
		"sed=7":               `"sed" is not known`,
		"outage":              "outage: \"\" is not a share",
		"outage=5":            "outage",
		"outage=-1%":          "outage",
		"outage=101%":         "outage",
		"outage=NaN%":         "outage",
		"seed=-1":             "seed",
		"seed=1,seed=2":       "seed is said twice",
		"delay=fast":          "delay",
		"delay=-3s":           "delay",
		"delay=3s-1s":         "delay",
		"pending=5%":          "pending",
		"pending=4s":          "pending",
		"pending=5%:":         "pending",
		"down=off":            "down",
		"down=":               "down",
		"skew=soon":           "skew",
		"seed=1,":             `"" is not known`,
		"seed=1;outage=2%":    "seed",
		"Seed=1":              `"Seed" is not known`,
		"late_money=5%:3s-1s": "late_money",
	} {
		c, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) || c != (Cruelty{}) {
			t.Errorf("%q: %+v, %v; want %s", text, c, err, want)
		}
	}
	_, err := Parse("outage=x,delay=y,what=z")
	for _, name := range []string{"outage", "delay", "what"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("nothing about %s in: %v", name, err)
		}
	}
}
