package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/store"
	"guiche/views"
)

// adminJourney looks at an event's books, asks for more tickets and sees them on sale.
func adminJourney(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.lineUp(e, 3)
	window := s.startGenerator()
	eventually(t, "three tickets are held", func() bool { return s.book(e).Held == 3 })
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
}
