package views

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"guiche/store"
)

func TestTheTabTellsTheState(t *testing.T) {
	charge := func(c store.Charge) func(*OrderModel) {
		return func(m *OrderModel) { m.Order.Charge = &c }
	}
	told := noon
	for _, c := range []struct {
		status store.OrderStatus
		change func(*OrderModel)
		want   string
	}{
		{store.Queued, func(m *OrderModel) { m.Place = 128 }, "128º · Lua Cheia"},
		{store.Queued, func(m *OrderModel) { m.Place = 1 }, "1º · Lua Cheia"},
		{store.Queued, nil, "Na fila · Lua Cheia"},
		{store.Waiting, func(m *OrderModel) { m.Place = 3 }, "3º da lista de espera · Lua Cheia"},
		{store.Waiting, nil, "Na lista de espera · Lua Cheia"},
		{store.Reserved, nil, "Sua vez · 01:00 · Lua Cheia"},
		{store.Reserved, charge(store.Charge{Status: store.ChargeOpen, Pending: true}), "Esperando o banco · Lua Cheia"},
		{store.Reserved, charge(store.Charge{Status: store.ChargeOpen, Told: &told}), "Esperando o banco · Lua Cheia"},
		{store.Reserved, charge(store.Charge{Status: store.ChargeCaptured}), "Pagamento recebido · Lua Cheia"},
		{store.Reserved, func(m *OrderModel) { m.Order.ReservedUntil = noon }, "Tempo encerrado · Lua Cheia"},
		{store.Paid, nil, "Pago · Lua Cheia"},
		{store.Paid, func(m *OrderModel) { m.Order.Tickets = []store.Ticket{{Status: store.TicketVoid}} }, "Devolvido · Lua Cheia"},
		{store.Refunded, nil, "Devolvido · Lua Cheia"},
		{store.SoldOut, nil, "Esgotado · Lua Cheia"},
		{store.OverLimit, nil, "Acima do limite · Lua Cheia"},
		{store.Left, nil, "Desistência · Lua Cheia"},
		{store.Expired, nil, "Prazo encerrado · Lua Cheia"},
		{store.OrderCancelled, nil, "Cancelado · Lua Cheia"},
		{store.Queued, func(m *OrderModel) { m.Place, m.Event.Status = 9, store.EventCancelled }, "Cancelado · Lua Cheia"},
	} {
		m := orderIn(c.status, c.change)
		m.Event.Name = "Lua Cheia"
		want := "<title>" + c.want + " · Guichê</title>"
		f := Frame{Language: Portuguese, Now: noon}
		for what, show := range map[string]func(*bytes.Buffer) error{
			"page": func(b *bytes.Buffer) error { return OrderPage(f, m).Render(t.Context(), b) },
			"part": func(b *bytes.Buffer) error { return OrderPart(f, m).Render(t.Context(), b) },
		} {
			var b bytes.Buffer
			if err := show(&b); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: the %s does not bring %s", c.status, what, want)
			}
		}
	}
}

// part is what an order's page shows, in Portuguese.
func part(t *testing.T, m OrderModel) string {
	t.Helper()
	var b bytes.Buffer
	if err := OrderPart(Frame{Language: Portuguese, Now: noon}, m).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhoHasPaidIsNotAskedAgain(t *testing.T) {
	paying := func(change func(*store.Charge)) string {
		return part(t, orderIn(store.Reserved, func(m *OrderModel) {
			m.Event.ExtendSeconds = 60
			m.Order.Charge = &store.Charge{Status: store.ChargeOpen, PixCode: "0002PIX", ExpiresAt: noon.Add(time.Minute), Currency: "BRL"}
			change(m.Order.Charge)
		}))
	}
	pending := paying(func(c *store.Charge) { c.Pending = true })
	told := paying(func(c *store.Charge) { c.Told = &noon })
	open := paying(func(*store.Charge) {})
	for _, asks := range []string{"data-until", "Pague em até", "/leave", "/extend"} {
		if !strings.Contains(open, asks) {
			t.Errorf("before she pays there is no %s", asks)
		}
		if strings.Contains(pending, asks) || strings.Contains(told, asks) {
			t.Errorf("after she paid there is %s", asks)
		}
	}
	for name, page := range map[string]string{"pending": pending, "told": told} {
		if !strings.Contains(page, "Estamos esperando o banco") {
			t.Errorf("%s: the bank is not waited for", name)
		}
	}
	if strings.Contains(pending, "0002PIX") {
		t.Error("after she paid the code is shown")
	}
	if before, _, _ := strings.Cut(told, "Ainda não paguei"); strings.Contains(before, "0002PIX") || !strings.Contains(told, "0002PIX") {
		t.Error("whoever has not paid finds no code, or who has finds it first")
	}
}

func TestMoreTimeComesFirstWhenLittleIsLeft(t *testing.T) {
	for left, first := range map[time.Duration]bool{2*time.Minute + time.Second: false, 2 * time.Minute: true, 10 * time.Second: true} {
		page := part(t, orderIn(store.Reserved, func(m *OrderModel) {
			m.Event.ExtendSeconds, m.Order.ReservedUntil = 60, noon.Add(left)
		}))
		if got := strings.Index(page, `id="extend"`) < strings.Index(page, `id="pay"`); got != first {
			t.Errorf("with %s left, more time is offered first: %v", left, got)
		}
	}
}

func TestTheReturnListSaysWhatMayComeBack(t *testing.T) {
	for holds, want := range map[int]string{
		-1: "No momento não há ingressos livres. O que voltar",
		0:  "Todos vendidos. Só volta o que alguém devolver",
		1:  "1 reserva ainda pode voltar",
		12: "12 reservas ainda podem voltar",
	} {
		page := part(t, orderIn(store.Waiting, func(m *OrderModel) { m.Place, m.Holds, m.Left = 1, holds, 0 }))
		for _, text := range []string{want, "Sair da lista de espera", "1º da lista de espera"} {
			if !strings.Contains(page, text) {
				t.Errorf("%d holds: the page does not say %q", holds, text)
			}
		}
		if strings.Contains(page, "reservados.") || strings.Contains(page, "Sair da fila") {
			t.Errorf("%d holds: the page speaks of another state", holds)
		}
	}
}

func TestAPausedLineStillSaysThatMoreIsWantedThanLeft(t *testing.T) {
	for ahead, short := range map[int]bool{3: false, 4: true, 12: true} {
		page := part(t, orderIn(store.Queued, func(m *OrderModel) { m.Event.Paused, m.Place, m.Ahead, m.Left = true, 9, ahead, 4 }))
		if !strings.Contains(page, "A venda está em pausa") {
			t.Error("the pause is not told")
		}
		if got := strings.Contains(page, "todos os ingressos que restam"); got != short {
			t.Errorf("%d wanted ahead, 4 left: told so %v", ahead, got)
		}
	}
}
