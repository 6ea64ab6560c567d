package journeys

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"guiche/store"
	"guiche/views"
)

// holdExpires opens a charge, walks away from it, and watches the hold end.
func holdExpires(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.startGenerator()
	p := b.open(t, s, desktop)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 3)
	p.seesHold(e, 3)
	p.press("#pay")
	p.seesPayment()
	p.press(`button[name=outcome][value=abandon]`)
	p.seesHold(e, 3)
	p.keep()
	s.set(`update orders set reserved_until = now()`)
	p.sees(p.say("order.expired"), p.say("order.safe_nothing"))
	p.kept()
	p.look("order-expired")
	p.seesStock(e, 20)
}

// saleOpens looks at the sale clock with and without an account.
func saleOpens(t *testing.T, b *browser) {
	e := show()
	e.SaleStartsAt = time.Now().Add(time.Hour)
	s, e := stockShow(t, e)
	stranger, fan := b.open(t, s, phone), b.open(t, s, desktop)
	stranger.visit("/events/" + e.Slug)
	stranger.sees(stranger.say("event.opens_in"), stranger.say("event.register_early"))
	fan.visitSignedIn(e, s.createFan(newcomer))
	fan.sees(fan.say("event.opens_in"), fan.say("event.ready"))
	stranger.look("event-ahead")
	e.SaleStartsAt = time.Now().Add(15 * time.Second)
	if err := s.db.UpdateEvent(t.Context(), 0, e); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*tab{stranger, fan} {
		p.await("the clock shows the seconds", func() bool {
			p.visit("/events/" + e.Slug)
			return ask[bool](p, `document.querySelector(".countdown")?.textContent.startsWith("00:")`)
		})
		p.keep()
	}
	if time.Now().After(e.SaleStartsAt) {
		t.Fatal("the sale opened before the clock was seen")
	}
	fan.has("form.buy")
	stranger.sees(stranger.say("event.sign_in_to_buy"))
	if time.Now().Before(e.SaleStartsAt) {
		t.Error("the form opened too early")
	}
	for _, p := range []*tab{stranger, fan} {
		p.kept()
	}
}

// updatesBlocked waits behind something that lets no live updates through: the page asks by itself.
func updatesBlocked(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.lineUp(e, 1)
	p := b.open(t, s, phone)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.expects("/events", "EventSource", "[object Event]")
	if _, err := chromedp.Call(p.ctx, network.SetBlockedURLs, network.SetBlockedURLsParams{
		URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/orders/*/events", Block: true}},
	}); err != nil {
		t.Fatal(err)
	}
	p.choose(e, 1)
	p.sees(p.say("order.place", "Place", views.Ordinal(p.words(), 2)))
	p.keep()
	s.startGenerator()
	p.seesHold(e, 1)
	p.kept()
}

// lineLost waits in a line whose Redis loses everything: nobody is left before a place that is none any more.
func lineLost(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	fan := s.createFan(newcomer)
	p := b.open(t, s, phone)
	p.visitSignedIn(e, fan)
	p.choose(e, 1)
	p.has(".order-queued")
	p.expects("answered 404", "status of 404", "Status Error Code 404", "answered 503", "status of 503", "Status Error Code 503", "[object Event]")
	if err := s.redis.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s.startGenerator()
	p.signIn(fan.Email) // her session was there too
	p.sees(p.say("problem.order"), p.say("problem.order_next"))
	p.visit("/events/" + e.Slug)
	p.choose(e, 1)
	p.seesHold(e, 1)
}

// soldOutWhileLooking waits in line for the last ticket, which somebody ahead gets.
func soldOutWhileLooking(t *testing.T, b *browser) {
	e := show()
	e.Types = e.Types[:1]
	e.Types[0].Capacity, e.Types[0].PriceCents, e.Types[0].FeeCents = 1, 0, 0 // free: no hold that could come back
	s, e := stockShow(t, e)
	s.lineUp(e, 1)
	p := b.open(t, s, phone)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 1)
	p.sees(p.say("order.place", "Place", views.Ordinal(p.words(), 2)), p.say("order.may_not_do"))
	p.keep()
	s.startGenerator()
	p.sees(p.say("order.sold_out"), p.say("order.safe_nothing"))
	p.kept()
	p.look("order-sold-out")
	p.press(`a[href$="keep=on"]`)
	p.has(typeField(e) + ":checked")
	p.sees(p.say("event.join_returns"))
	p.visit("/events/" + e.Slug)
	p.sees(p.say("event.sold_out"))
	p.look("event-sold-out")
}

// twoTabs sends two forms of one account, one of them with ten presses.
func twoTabs(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	fan := s.createFan(newcomer)
	one := b.open(t, s, desktop)
	one.visitSignedIn(e, fan)
	two := one.another()
	two.visit("/events/" + e.Slug)
	for _, p := range []*tab{one, two} {
		p.press(typeField(e))
	}
	x, y := one.spot("form.buy button[type=submit]")
	var presses []chromedp.Action[chromedp.Void]
	for range 10 {
		presses = append(presses, chromedp.MouseClickXY(x, y))
	}
	one.do("press ten times", presses...)
	one.has(".order-queued")
	two.press("form.buy button[type=submit]")
	two.has(".order-queued")
	if one.path() != two.path() {
		t.Errorf("the tabs show %s and %s", one.path(), two.path())
	}
	one.comeAndGo(e)
	s.startGenerator()
	var watching sync.WaitGroup
	for _, p := range []*tab{one, two} {
		p.keep()
		watching.Go(func() {
			p.await("the hold", func() bool { return ask[bool](p, `document.querySelector(".order-reserved") !== null`) })
			p.kept()
		})
	}
	watching.Wait()
	orders, err := s.db.AccountOrders(t.Context(), fan.ID)
	if err != nil || len(orders) != 1 {
		t.Errorf("the account has %d orders, %v; want one", len(orders), err)
	}
	if b := s.book(e); b.Held != 1 {
		t.Errorf("books: %+v, want one held", b)
	}
}

// comeAndGo leaves the order's page and returns, more often than a browser has connections to a site: each visit must
// give its live updates back.
func (p *tab) comeAndGo(e store.Event) {
	p.t.Helper()
	order := p.path()
	for range 8 {
		p.visit("/events/" + e.Slug)
		p.sees(p.say("event.mine"))
		p.visit(order)
		p.has(".order-queued")
	}
}

// keyboardAlone signs in and buys without touching anything but keys.
func keyboardAlone(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.createFan(newcomer)
	p := b.open(t, s, desktop)
	p.visit("/events/" + e.Slug)
	p.look("event-signed-out")
	p.tabTo(`#sale a[href^="/login"]`)
	p.do("follow the link", chromedp.KeyEvent("\r"))
	p.sees(p.say("login.title"))
	p.look("login")
	p.tabTo(`main [name=email]`)
	p.do("type", chromedp.KeyEvent(newcomer+"\t"+fanPassword+"\r"))
	p.has("form.buy")
	p.visit("/events/" + e.Slug)
	p.look("event-open")
	p.tabTo(typeField(e))
	p.do("choose the type", chromedp.KeyEvent(" "))
	p.tabTo("#quantity")
	p.do("choose how many", chromedp.KeyEvent("3"))
	p.tabTo("form.buy button[type=submit]")
	p.do("buy", chromedp.KeyEvent("\r"))
	p.sees(p.say("order.next"), fmt.Sprintf("3 × %s", e.Types[0].Name))
	p.visit("/")
	p.look("home")
	p.visit("/register") // signed in already
	if p.path() != "/" {
		t.Errorf("registering while signed in leads to %s", p.path())
	}
	p.press(`form[action="/logout"] button`)
	p.sees(p.say("flash.signed_out"))
	p.visit("/register")
	p.look("register")
}

// visitSignedIn signs in on the way to an event.
func (p *tab) visitSignedIn(e store.Event, fan store.Account) {
	p.t.Helper()
	p.visit("/login?next=/events/" + e.Slug)
	p.signIn(fan.Email)
	p.sees(e.Name)
}

// mostTabs is more presses of the tab key than any page needs.
const mostTabs = 40

// tabTo presses the tab key until an element has the focus, which must be seen wherever it comes by.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range mostTabs {
		p.do("press tab", chromedp.KeyEvent("\t"))
		if unseen := ask[string](p, focusScript); unseen != "" {
			p.t.Errorf("the focus cannot be seen on %s of %s", unseen, strings.TrimPrefix(p.where(), p.shop.url("")))
		}
		if ask[bool](p, `document.activeElement.matches(`+quoted(selector)+`)`) {
			return
		}
	}
	p.t.Fatalf("the tab key does not come to %s", selector)
}

// focusScript names the element that has the focus if nothing shows it; the label of a choice may show it.
const focusScript = `(() => {
	const el = document.activeElement, marked = e => {
		const s = getComputedStyle(e);
		return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
	};
	const shown = [el, el.closest("label")].some(e => e && marked(e));
	return shown || el === document.body ? "" : el.outerHTML.slice(0, 80);
})()`
