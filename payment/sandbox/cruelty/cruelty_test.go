package cruelty

import (
	"strings"
	"testing"
	"time"
)

func TestDrawsBelongToSeedKindAndCharge(t *testing.T) {
	base := Cruelty{Seed: 7}
	want := base.draw("outage get", "r", 1)
	for name, other := range map[string]float64{
		"seed":      Cruelty{Seed: 8}.draw("outage get", "r", 1),
		"kind":      base.draw("outage find", "r", 1),
		"reference": base.draw("outage get", "s", 1),
		"count":     base.draw("outage get", "r", 2),
	} {
		if other == want {
			t.Errorf("another %s, the same draw %v", name, want)
		}
	}
	if again := base.draw("outage get", "r", 1); again != want {
		t.Errorf("first %v, then %v", want, again)
	}
	hits := 0
	for n := range uint64(10_000) {
		if base.hits(0.1, "decline", "r", n) {
			hits++
		}
		if d := base.within(Span{time.Second, 3 * time.Second}, "delay", "r", n); d < time.Second || d >= 3*time.Second {
			t.Fatalf("%v is not in the span", d)
		}
		if base.hits(0, "decline", "r", n) || !base.hits(1, "decline", "r", n) {
			t.Fatal("never happened, or always did not")
		}
	}
	if hits < 900 || hits > 1100 {
		t.Errorf("a tenth of 10000 is %d", hits)
	}
}

func TestMagicNumbersLookLikeCards(t *testing.T) {
	seen := map[Trick]bool{}
	for _, card := range MagicCards {
		if seen[card.Trick] {
			t.Errorf("two cards do %q", card.Trick)
		}
		seen[card.Trick] = true
		sum, digits := 0, strings.ReplaceAll(card.Number, " ", "")
		for i, digit := range digits {
			n := int(digit - '0')
			if (len(digits)-i)%2 == 0 {
				n *= 2
			}
			sum += n/10 + n%10
		}
		if len(digits) != 16 || sum%10 != 0 || digits[0] != '9' {
			t.Errorf("%s is no card number that nobody has", card.Number)
		}
		for _, typed := range []string{card.Number, digits, strings.ReplaceAll(card.Number, " ", "-"), " " + card.Number + " "} {
			if by, known := CardTrick(typed); !known || by != card.Trick {
				t.Errorf("%q does %q, want %q", typed, by, card.Trick)
			}
		}
	}
	for _, typed := range []string{"", " ", "9", "4111 1111 1111 1111", "9000 0000 0000 00010"} {
		if by, known := CardTrick(typed); known {
			t.Errorf("%q does %q", typed, by)
		}
	}
}
