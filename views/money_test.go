package views

import (
	"errors"
	"strings"
	"testing"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		cents  int64
		unit   string
		pt, en string
	}{
		{123456, "BRL", "R$ 1.234,56", "R$1,234.56"},
		{5, "BRL", "R$ 0,05", "R$0.05"},
		{0, "BRL", "R$ 0,00", "R$0.00"},
		{100000000, "BRL", "R$ 1.000.000,00", "R$1,000,000.00"},
		{1999, "USD", "US$ 19,99", "$19.99"},
		{1999, "EUR", "€ 19,99", "€19.99"},
		{1905, "XQQ", "19.05 XQQ", "19.05 XQQ"},
	} {
		for l, want := range map[string]string{Portuguese: c.pt, English: c.en} {
			if got := strings.ReplaceAll(Money(in(l), c.cents, c.unit), "\u00a0", " "); got != want {
				t.Errorf("%s %d %s: %q, want %q", l, c.cents, c.unit, got, want)
			}
		}
	}
	if got := Price(in(Portuguese), 0, "BRL"); got != "Grátis" {
		t.Errorf("nothing to pay: %q", got)
	}
}

func TestTypedMoneyComesBack(t *testing.T) {
	for _, cents := range []int64{0, 5, 99, 100, 15000, 123456, 100000000} {
		for _, l := range Languages() {
			typed := TypedMoney(l, cents, "BRL")
			if got, err := ParseMoney(l, typed); err != nil || got != cents {
				t.Errorf("%s %q: %d, %v, want %d", l, typed, got, err, cents)
			}
		}
	}
}

func TestParseMoney(t *testing.T) {
	for _, try := range []struct {
		typed  string
		pt, en int64 // -1 if it is refused
	}{
		{"150,00", 15000, 15000},
		{"150.00", 15000, 15000},
		{"150", 15000, 15000},
		{" 150,5 ", 15050, 15050},
		{"1.234,56", 123456, 123456},
		{"1,234.56", 123456, 123456},
		{"1.234.567", 123456700, 123456700},
		{"1,234,567", 123456700, 123456700},
		{"0", 0, 0},
		{"0,01", 1, 1},
		{"1234567", 123456700, 123456700},
		{"1.234", 123400, -1}, // thousands, or decimals
		{"1,234", -1, 123400},
		{"0,500", -1, -1},
		{"0.500", -1, -1},
		{"0,001", -1, -1},
		{"00.500", -1, -1},
		{"1.234.56", -1, -1},
		{"1,234,56", -1, -1},
		{"1.234,567", -1, -1},
		{"1,234.567", -1, -1},
		{"", -1, -1},
		{"cem", -1, -1},
		{"-1", -1, -1},
		{"+1", -1, -1},
		{"1,2,3", -1, -1},
		{"1.23.45", -1, -1},
		{"150,", -1, -1},
		{",50", -1, -1},
		{"1e5", -1, -1},
		{"R$ 5", -1, -1},
		{"1 000", -1, -1},
		{"999999999999999999999", -1, -1},
		{"999.999.999.999.999.999.999", -1, -1},
		{"NaN", -1, -1},
		{"٣", -1, -1},
	} {
		for language, want := range map[string]int64{Portuguese: try.pt, English: try.en} {
			got, err := ParseMoney(language, try.typed)
			if want < 0 && !errors.Is(err, ErrMoney) || want >= 0 && (err != nil || got != want) {
				t.Errorf("%s %q: %d, %v, want %d", language, try.typed, got, err, want)
			}
		}
	}
}
