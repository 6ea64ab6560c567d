package views

import (
	"context"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct{ accept, chosen, want string }{
		{"", "", Portuguese},
		{"pt-BR,pt;q=0.9,en;q=0.8", "", Portuguese},
		{"pt-PT", "", Portuguese},
		{"en-GB,en;q=0.9", "", English},
		{"de-DE,de;q=0.9,en;q=0.5", "", English},
		{"ja", "", Portuguese},
		{"en", Portuguese, Portuguese},
		{"pt-BR", English, English},
		{"en", "klingon", English},
		{"\xff;;;q=,", "", Portuguese},
	} {
		if got := Match(c.accept, c.chosen); got != c.want {
			t.Errorf("Match(%q, %q) = %s, want %s", c.accept, c.chosen, got, c.want)
		}
	}
}

func in(language string) context.Context { return WithLanguage(context.Background(), language) }

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		language string
		n        int
		want     string
	}{
		{Portuguese, 1, "1 ingresso"},
		{Portuguese, 2, "2 ingressos"},
		{Portuguese, 1234, "1.234 ingressos"},
		{Portuguese, 1000000, "1.000.000 de ingressos"},
		{English, 1, "1 ticket"},
		{English, 0, "0 tickets"},
		{English, 1234, "1,234 tickets"},
	} {
		if got := N(in(c.language), "order.n_tickets", c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.language, c.n, got, c.want)
		}
	}
}

func TestMessages(t *testing.T) {
	for _, c := range []struct {
		m      Message
		pt, en string
	}{
		{Message{}, "", ""},
		{SlowDown(90 * time.Second), "Foram muitas tentativas seguidas. Espere 90 segundos e envie de novo; o que você digitou continua aqui.", "That was many tries in a row. Wait 90 seconds and send it again; what you typed is still here."},
		{SlowDown(0), "Foram muitas tentativas seguidas. Espere 1 segundo e envie de novo; o que você digitou continua aqui.", "That was many tries in a row. Wait 1 second and send it again; what you typed is still here."},
		{QuantityBad(4), "Escolha de 1 a 4 ingressos.", "Choose from 1 to 4 tickets."},
		{RefundAsked(16500, "BRL"), "Devolução registrada: R$\u00a0165,00.", "Refund registered: R$165.00."},
	} {
		if got := c.m.In(in(Portuguese)); got != c.pt {
			t.Errorf("%s: %q, want %q", c.m.Key, got, c.pt)
		}
		if got := c.m.In(in(English)); got != c.en {
			t.Errorf("%s: %q, want %q", c.m.Key, got, c.en)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 111: "111th", 1022: "1,022nd"} {
		if got := Ordinal(in(English), n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if got := Ordinal(in(Portuguese), 48213); got != "48.213º" {
		t.Errorf("48213: %s", got)
	}
}
