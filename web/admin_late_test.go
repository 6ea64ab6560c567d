package web

import (
	"testing"
	"time"

	"guiche/payment"
	"guiche/store"
)

// brief is a gateway that gives money back for 180 days.
type brief struct{ payment.Gateway }

func (brief) Bounds(currency string) (payment.Bounds, bool) {
	return payment.Bounds{LeastCents: 1, RefundDays: 180}, currency == "BRL"
}

func TestAShowFurtherAwayThanTheGatewayRefundsIsWarnedOf(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway { return brief{g} })
	})
	admin := w.signedIn(w.admin)
	far := func(e *store.Event) {
		e.StartsAt, e.SaleEndsAt = time.Now().AddDate(0, 0, 200), time.Now().AddDate(0, 0, 199)
	}
	page := "/admin/events/" + itoa(w.createDraft(far).ID)
	for _, path := range []string{page, page + "/edit"} {
		admin.get(path).says("devolve dinheiro por 180 dias").says("acertar por fora")
	}
	for name, e := range map[string]store.Event{
		"soon": w.createDraft(nil),
		"sold late": w.createDraft(func(e *store.Event) {
			far(e)
			e.SaleStartsAt = time.Now().AddDate(0, 0, 21)
		}),
		"free": w.createDraft(far, store.TicketType{Name: "Entrada", Capacity: 5}),
	} {
		t.Run(name, func(t *testing.T) {
			admin.get("/admin/events/" + itoa(e.ID)).want(200).silent("devolve dinheiro por 180 dias")
			admin.get("/admin/events/" + itoa(e.ID) + "/edit").want(200).silent("devolve dinheiro por 180 dias")
		})
	}
}
