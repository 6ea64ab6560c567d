package views

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"guiche/store"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func orderIn(s store.OrderStatus, change func(*OrderModel)) OrderModel {
	m := OrderModel{Event: store.Event{TimeZone: "UTC", Currency: "BRL"}, Left: -1}
	m.Order.Status, m.Order.Quantity, m.Order.Currency = s, 2, "BRL"
	m.Order.ReservedUntil = noon.Add(time.Minute)
	if change != nil {
		change(&m)
	}
	return m
}

func TestHeadlineSaysTheState(t *testing.T) {
	place := func(n int) func(*OrderModel) { return func(m *OrderModel) { m.Place = n } }
	charge := func(s store.ChargeStatus) func(*OrderModel) {
		return func(m *OrderModel) { m.Order.Charge = &store.Charge{Status: s} }
	}
	for _, c := range []struct {
		m        OrderModel
		want     string
		changing bool
	}{
		{orderIn(store.Queued, place(128)), "Seu lugar na fila: 128º", true},
		{orderIn(store.Queued, place(1)), "Você é a próxima pessoa da fila", true},
		{orderIn(store.Queued, nil), "Você está na fila", true},
		{orderIn(store.Waiting, place(3)), "Seu lugar na lista de espera: 3º", true},
		{orderIn(store.Reserved, nil), "Seus 2 ingressos estão reservados", true},
		{orderIn(store.Reserved, charge(store.ChargeCaptured)), "Pagamento recebido", true},
		{orderIn(store.Reserved, func(m *OrderModel) { m.Order.ReservedUntil = noon }), "O tempo para pagar acabou", true},
		{orderIn(store.Paid, nil), "Confirmado. Seu ingresso está pronto", false},
		{orderIn(store.Paid, func(m *OrderModel) { m.Order.PriceCents = 1000 }), "Pago. Seu ingresso está pronto", false},
		{orderIn(store.Refunded, func(m *OrderModel) { m.Order.Refunds = []store.Refund{{AmountCents: 1, Status: store.RefundOwed}} }), "Pedido devolvido", true},
		{orderIn(store.Refunded, func(m *OrderModel) { m.Order.Refunds = []store.Refund{{AmountCents: 1, Status: store.RefundDone}} }), "Pedido devolvido", false},
		{orderIn(store.SoldOut, nil), "Os ingressos acabaram antes da sua vez", false},
		{orderIn(store.OverLimit, nil), "Este pedido passa do seu limite de ingressos", false},
		{orderIn(store.Left, nil), "Você saiu deste pedido", false},
		{orderIn(store.Expired, nil), "O tempo acabou e a reserva foi desfeita", false},
		{orderIn(store.Expired, charge(store.ChargeOpen)), "O tempo acabou e a reserva foi desfeita", true},
		{orderIn(store.OrderCancelled, nil), "O evento foi cancelado", false},
	} {
		if got := headline(in(Portuguese), Frame{Now: noon}, c.m); got != c.want {
			t.Errorf("%s: %q, want %q", c.m.Order.Status, got, c.want)
		}
		if got := c.m.Changing(); got != c.changing {
			t.Errorf("%q: changing %v, want %v", c.want, got, c.changing)
		}
		var page bytes.Buffer
		if err := OrderPage(Frame{Language: Portuguese, Now: noon}, c.m).Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		if listens := strings.Contains(page.String(), "data-live="); listens != c.changing {
			t.Errorf("%q: the page listens: %v, want %v", c.want, listens, c.changing)
		}
		if refreshes := strings.Contains(page.String(), `http-equiv="refresh"`); refreshes != c.changing {
			t.Errorf("%q: the page refreshes without JavaScript: %v, want %v", c.want, refreshes, c.changing)
		}
	}
}

func TestOrderPartBringsTheWordsForScreenReaders(t *testing.T) {
	m := orderIn(store.Queued, func(m *OrderModel) { m.Place = 128 })
	var part bytes.Buffer
	if err := OrderPart(Frame{Language: English, Now: noon}, m).Render(context.Background(), &part); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(part.String(), "<html") {
		t.Error("the part is a whole page")
	}
	want := `<p id="say" class="unseen" role="status" hx-swap-oob="innerHTML">You are 128th in line</p>`
	if !strings.Contains(part.String(), want) {
		t.Errorf("the part does not bring %s", want)
	}
}

func TestPayButtonLeadsToTheOpenChargeOrMakesOne(t *testing.T) {
	for name, c := range map[string]struct {
		charge    *store.Charge
		want, not string
	}{
		"none":     {nil, `action="/orders/00000000-0000-0000-0000-000000000000/pay"`, `id="pay-go"`},
		"declined": {&store.Charge{Status: store.ChargeFailed}, "/pay\"", `id="pay-go"`},
		"open":     {&store.Charge{Status: store.ChargeOpen, PayURL: "https://pay.example/1", Currency: "BRL"}, `href="https://pay.example/1"`, "/pay\""},
		"pix":      {&store.Charge{Status: store.ChargeOpen, PixCode: "0002PIX", Currency: "BRL"}, `>0002PIX</code>`, "/pay\""},
		"pending":  {&store.Charge{Status: store.ChargeOpen, PayURL: "https://pay.example/1", Pending: true}, "still confirming", `id="pay-go"`},
		"hostile":  {&store.Charge{Status: store.ChargeOpen, PayURL: "javascript:alert(1)", Currency: "BRL"}, "about:invalid", "javascript:"},
	} {
		if c.charge != nil {
			c.charge.ExpiresAt = noon.Add(time.Minute)
		}
		m := orderIn(store.Reserved, func(m *OrderModel) { m.Order.Charge = c.charge })
		var page bytes.Buffer
		if err := OrderPage(Frame{Language: English, Now: noon}, m).Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(page.String(), c.want) || strings.Contains(page.String(), c.not) {
			t.Errorf("%s: want %q and no %q", name, c.want, c.not)
		}
	}
}

func TestLineIsDrawnShorterAsItMoves(t *testing.T) {
	for place, want := range map[int]int{1: 1, 2: 2, 7: 7, 8: 6, 48213: 6} {
		drawn, dots := people(place)
		if len(drawn) != want || dots != (place > lineMost) {
			t.Errorf("place %d: %d people, dots %v", place, len(drawn), dots)
		}
		if you := drawn[len(drawn)-1]; !you.You || you.X > 290 {
			t.Errorf("place %d: you are not the last one, or outside", place)
		}
	}
}
