package checkout

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"guiche/payment/sandbox/cruelty"
)

func TestNoWordIsMissing(t *testing.T) {
	for _, w := range languages {
		for field, value := range reflect.ValueOf(w).Fields() {
			if value.String() == "" {
				t.Errorf("%s has no %s", w.Lang, field.Name)
			}
			if strings.HasSuffix(field.Name, "Format") != strings.Contains(value.String(), "%d") {
				t.Errorf("%s %s: %q", w.Lang, field.Name, value)
			}
		}
	}
}

func TestEveryTrickHasItsWords(t *testing.T) {
	for _, w := range languages {
		for _, card := range cruelty.MagicCards {
			if w.Tricks[card.Trick] == "" {
				t.Errorf("%s has no words for %s", w.Lang, card.Trick)
			}
		}
		for by, effect := range w.Tricks {
			for _, number := range regexp.MustCompile(`\d+`).FindAllString(effect, -1) {
				if number != strconv.Itoa(int(cruelty.TrickTime.Seconds())) {
					t.Errorf("%s says of %s: %q", w.Lang, by, effect)
				}
			}
		}
		for _, reason := range []cruelty.DeclineReason{cruelty.InsufficientFunds, cruelty.RefusedByIssuer} {
			if w.Reasons[reason] == "" {
				t.Errorf("%s has no words for %s", w.Lang, reason)
			}
		}
	}
}

func TestTheLanguageOfThePage(t *testing.T) {
	for tags, want := range map[string]string{
		"": "pt-BR", "pt-BR": "pt-BR", "pt": "pt-BR", "de": "pt-BR", "en": "en", "en-US": "en", "EN-gb,pt;q=0.5": "en", " en": "en",
		"de,en;q=0.8": "en", "enm": "pt-BR", "no language;": "pt-BR",
	} {
		if got := WordsFor(tags).Lang; got != want {
			t.Errorf("%q: %s, want %s", tags, got, want)
		}
	}
}

func TestTimeLeftInWords(t *testing.T) {
	for left, want := range map[time.Duration]string{
		0:                            "Less than a minute left to pay",
		59 * time.Second:             "Less than a minute left to pay",
		time.Minute:                  "About 1 minute left to pay",
		89 * time.Second:             "About 1 minute left to pay",
		90 * time.Second:             "About 2 minutes left to pay",
		10*time.Minute - time.Second: "About 10 minutes left to pay",
		119 * time.Minute:            "About 119 minutes left to pay",
		2 * time.Hour:                "About 2 hours left to pay",
		3*time.Hour - time.Second:    "About 2 hours left to pay",
		47 * time.Hour:               "About 47 hours left to pay",
		7 * 24 * time.Hour:           "About 7 days left to pay",
	} {
		if got := english.TimeLeft(left); got != want {
			t.Errorf("%v: %q, want %q", left, got, want)
		}
	}
}
