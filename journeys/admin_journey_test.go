package journeys

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/journeys/world"
	"guiche/store"
	"guiche/views"
)

// adminJourney looks at an event's books, asks for more tickets and sees them on sale.
func adminJourney(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.lineUp(e, 3)
	window := s.startGenerator()
	world.Eventually(t, "three tickets are held", func() bool { return s.book(e).Held == 3 })
	window.stop()
	account, err := s.db.CreateAccount(t.Context(), store.Account{
		Role: store.Admin, Name: "Ana Guichê", Email: "admin@guiche.test", PasswordHash: hashed(t), Language: views.Portuguese,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := b.open(t, s, desktop)
	p.visit("/login?next=/admin")
	p.signIn(account.Email)
	p.sees(e.Name)
	p.look("admin")
	home := fmt.Sprintf("/admin/events/%d", e.ID)
	p.press(`a[href="` + home + `"]`)
	p.sees(p.say("books.balanced"))
	p.look("admin-event")
	for name, path := range map[string]string{"admin-edit": "/edit", "admin-orders": "/orders"} {
		p.visit(home + path)
		p.look(name)
	}
	p.visit("/admin/events/new")
	p.look("admin-new")

	p.visit(home)
	p.press(`form[action$="/capacity"] [name=capacity]`)
	p.do("type", chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), typing("25"))
	p.press(`form[action$="/capacity"] button[type=submit]`)
	p.sees(p.say("flash.capacity_asked"), p.say("admin.capacity_asked", "Count", 25))
	s.startGenerator()
	p.seesStock(e, 22)
	p.visit(home)
	p.sees(p.say("admin.capacity_done", "Count", 25))
	adminMoney(t, s, p, e)
}

// adminMoney gives a part of an order's money back, looks at the ledger and cancels the event.
func adminMoney(t *testing.T, s *shop, p *tab, e store.Event) {
	t.Helper()
	s.payOne(e)
	home := fmt.Sprintf("/admin/events/%d", e.ID)
	p.visit(home + "/orders?status=paid")
	p.press(`table a[href^="/admin/orders/"]`)
	p.sees(p.say("ledger.captured"))
	p.press(`[name=amount]`)
	p.do("type", typing("10,00"))
	p.press(`[name=note]`)
	p.do("type", typing("O som falhou"))
	p.press(`form[action$="/refunds"] button[type=submit]`)
	p.sees(p.say("flash.refund", "Amount", views.Money(p.words(), 1000, e.Currency)), "O som falhou")
	p.look("admin-order-goodwill")
	p.do("go back", chromedp.Evaluate[chromedp.Void](`history.back()`))
	p.await("nothing that was sent is typed again", func() bool {
		return ask[bool](p, `performance.getEntriesByType("navigation")[0].type === "back_forward" && document.readyState === "complete"
			&& [...document.querySelectorAll('form[action$="/refunds"] :is([name=amount], [name=note])')].every(f => f.value === "")`)
	})
	p.visit(home + "/ledger")
	p.sees(p.say("ledger.unsent"), views.Money(p.words(), 1000, e.Currency))
	p.look("admin-ledger")

	p.visit(home)
	p.press(`a[href="` + home + `/cancel"]`)
	p.press(`form[action$="/cancel"] [name=name]`)
	p.do("type", typing(e.Name))
	p.look("admin-cancel")
	p.press(`form[action$="/cancel"] button[type=submit]`)
	p.sees(p.say("flash.event_cancelled"), p.say("cancel.progress"))
	world.Eventually(t, "every order is undone", func() bool {
		done, err := s.db.CancelProgress(t.Context(), e.ID)
		return err == nil && done.Orders == 3 && done.Undone == 3
	})
	p.visit(home)
	p.sees(p.say("cancel.of", "Part", 3, "All", 3))
	p.look("admin-event-cancelled")
}

// payOne pays for one of an event's holds as if the payment API had said so.
func (s *shop) payOne(e store.Event) {
	s.t.Helper()
	held, err := s.db.EventOrders(s.t.Context(), e.ID, store.Reserved, store.Span{}, 1)
	if err != nil || len(held) == 0 {
		s.t.Fatalf("held are %+v, %v", held, err)
	}
	s.check(world.Capture(s.t.Context(), s.db, held[0].QueuedOrder))
}
