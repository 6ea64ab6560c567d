package journeys

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/store"
	"guiche/views"
)

// goneMoney buys, and then lets happen at the payment API what a shop does not do itself: the bank wants the money back and
// loses, somebody refunds it in the panel. The fan and an admin see each of it on their pages.
func goneMoney(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.startGenerator()
	p := b.open(t, s, phone)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 1)
	p.seesHold(e, 1)
	order := p.path()
	p.press("#pay")
	p.seesPayment()
	sandbox := p.where()
	p.approve()
	p.sees(views.N(p.words(), "order.paid", 1))

	admin := b.open(t, s, desktop)
	account, err := s.db.CreateAccount(t.Context(), store.Account{
		Role: store.Admin, Name: "Ana Guichê", Email: "admin@guiche.test", PasswordHash: hashed(t), Language: views.Portuguese,
	})
	if err != nil {
		t.Fatal(err)
	}
	admin.visit("/login?next=/admin")
	admin.signIn(account.Email)

	happens := func(outcome string) {
		p.do("visit the sandbox", chromedp.Navigate(sandbox))
		p.press(`button[name=outcome][value=` + outcome + `]`)
		p.await("the way back: "+outcome, func() bool { return p.path() == order })
	}
	// says reloads a page until it says a text, or no longer: nothing tells a page of an order that has ended so far.
	says := func(q *tab, path, key string, want bool) {
		q.await(path+" and "+key, func() bool {
			q.visit(path)
			q.has("main h1")
			return strings.Contains(q.read(), plain(q.say(key))) == want
		})
	}
	adminSees := func(key string) { says(admin, "/admin", key, true) }
	happens("dispute")
	says(p, order, "ticket.blocked", true)
	p.look("order-disputed")
	adminSees("gone.open")
	admin.look("admin-disputed")
	happens("dispute_won")
	says(p, order, "ticket.blocked", false)
	adminSees("gone.won")
	happens("panel_refund")
	says(p, order, "ticket.blocked", true)
	adminSees("gone.elsewhere")
	admin.visit("/admin" + order)
	admin.sees(admin.say("gone.title"))
	admin.look("admin-order-gone")
}
