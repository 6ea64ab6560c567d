package journeys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	qr "github.com/piglig/go-qr"

	"guiche/journeys/world"
	"guiche/store"
	"guiche/views"
)

// TestInTheBrowser plays what people do in the shop, with a browser, on real processes.
func TestInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is slow")
	}
	t.Parallel()
	b := newBrowser(t)
	var playing sync.WaitGroup
	together := make(chan struct{}, 4) // most of a journey is waiting, so more go together than there are processors
	for _, journey := range []struct {
		name string
		play func(*testing.T, *browser)
	}{ // the longest first
		{"the whole journey without JavaScript", wholeJourneyWithoutScript},
		{"every state in Portuguese, every other one", everyState(views.Portuguese, (*tab).look, 0, 2)},
		{"every state in Portuguese, the others", everyState(views.Portuguese, (*tab).look, 1, 2)},
		{"every state in English", everyState(views.English, (*tab).measure, 0, 1)},
		{"the whole journey on a phone", wholeJourney},
		{"a sale that opens", saleOpens},
		{"a hold that expires", holdExpires},
		{"the keyboard alone", keyboardAlone},
		{"a gallery that is stayed in", stayInGallery},
		{"ways to pay", waysToPay},
		{"letters", lettersRead},
		{"an admin", adminJourney},
		{"money that goes without the shop", goneMoney},
		{"live updates that do not come through", updatesBlocked},
		{"a line that is lost", lineLost},
		{"sold out while looking", soldOutWhileLooking},
		{"forms that answer", formsAnswer},
		{"forms without JavaScript", formsWithoutScript},
		{"two tabs and ten presses", twoTabs},
		{"a connection that is cut", connectionCut},
		{"seven tabs of one order", sevenTabs},
		{"the last minutes of a hold", lastMinutes},
		{"Pix on a phone", pixOnAPhone},
		{"text that is twice as large", largeText},
		{"colours that the reader chose", chosenColours},
		{"a ticket at the gate", ticketAtTheGate},
	} {
		together <- struct{}{}
		playing.Go(func() {
			defer func() { <-together }()
			t.Run(journey.name, func(t *testing.T) { journey.play(t, b) })
		})
	}
	playing.Wait()
}

// show is an event on sale with twenty tickets of the type that journeys choose, and some of another.
func show() store.Event {
	now := time.Now()
	return store.Event{
		Slug: "lua-cheia", Name: "Lua Cheia no Parque", Venue: "Concha Acústica", City: "Salvador",
		Description: "Três bandas, uma noite, o mar ao fundo. A casa abre às 18h.", StartsAt: now.Truncate(24*time.Hour).AddDate(0, 1, 0),
		SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: now.AddDate(0, 0, 20), PerPerson: 4,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
		Types: []store.TicketType{
			{Name: "Pista", Description: "Em pé, diante do palco", PriceCents: 15000, FeeCents: 1500, Capacity: 20},
			{Name: "Frisa", Description: "Lugares sentados, ao lado do palco", PriceCents: 32000, FeeCents: 3200, Capacity: 8},
		},
	}
}

// stockShow opens a shop with one event, its window still closed: nobody's turn comes until startGenerator.
func stockShow(t *testing.T, e store.Event) (*shop, store.Event) {
	t.Helper()
	s := openShop(t)
	window := s.startGenerator()
	e = s.createEvent(e)
	window.stop()
	world.Eventually(t, "the event is shown", func() bool {
		r, err := http.Get(s.url("/events/" + e.Slug))
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return s, e
}

const (
	newcomer    = "ana@guiche.test"
	newcomerCPF = "529.982.247-25"
)

func wholeJourney(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	p := b.open(t, s, phone)
	p.enter(e)
	s.lineUp(e, 4)
	p.choose(e, 2)
	p.sees(p.say("order.place", "Place", views.Ordinal(p.words(), 5)), p.say("order.ahead")+" 4")
	order := p.path()
	p.look("order-queued")

	p.keep()
	s.startGenerator()
	p.seesHold(e, 2)
	p.kept()
	p.look("order-reserved")
	before := ask[string](p, `document.querySelector(".countdown").textContent`)
	p.await("the countdown runs", func() bool {
		return ask[string](p, `document.querySelector(".countdown").textContent`) != before
	})

	p.press("#pay")
	p.seesPayment()
	p.look("payment")
	s.worker.stop() // so that the news comes after the page
	p.approve()
	if p.path() != order {
		t.Errorf("the way back leads to %s, not to %s", p.path(), order)
	}
	p.sees(p.say("order.bank"))
	p.hasNot(".countdown", ".pix", "#leave")
	p.look("order-bank")
	p.keep()
	s.startWorker()
	p.sees(views.N(p.words(), "order.paid", 2))
	p.kept()
	p.look("order-paid")
	p.press(".stub")
	p.seesTicket(e)
	p.look("ticket")
	p.visit("/tickets")
	p.has(".stub")
	p.look("tickets")
	p.openLetter(p.say("letter.paid.subject", "Event", e.Name))
	p.has(`a[download="guiche-` + e.Slug + `.pdf"]`)

	p.visit(order)
	p.press(`a[href="` + order + `/refunds"]`)
	p.sees(p.say("refund.all"), views.Money(p.words(), 2*16500, "BRL"))
	p.look("refund")
	s.worker.stop()
	p.press(`label[for="ticket-all"]`)
	p.confirmRefund(2 * 16500)
	p.sees(p.say("order.refund_owed", "Amount", views.Money(p.words(), 2*16500, "BRL")))
	p.look("order-refund-owed")
	p.keep()
	s.startWorker()
	p.seesRefund(order, 2)
	p.kept()
	p.look("order-refunded")
	p.openLetter(p.say("letter.refunded.subject", "Event", e.Name))
	p.visit("/orders")
	p.sees(p.say("status.refunded"))
	p.look("orders")
	p.seesStock(e, 16) // four people hold one each
}

// wholeJourneyWithoutScript is the same at a desk, in English: forms, and pages that load themselves again.
func wholeJourneyWithoutScript(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	p := b.open(t, s, desktop)
	p.withoutScript()
	p.visit("/events/" + e.Slug)
	p.press(`button[name=language][value=en]`)
	p.language = views.English
	p.sees(p.say("flash.language"))
	p.enter(e)
	p.choose(e, 1)
	p.sees(p.say("order.next"))
	order := p.path()

	s.startGenerator()
	p.seesHold(e, 1)
	p.press("#pay")
	p.seesPayment()
	p.approve()
	p.sees(views.N(p.words(), "order.paid", 1))
	p.press(".stub")
	p.seesTicket(e)

	p.visit(order)
	p.press(`a[href="` + order + `/refunds"]`)
	p.sees(p.say("refund.all"), views.Money(p.words(), 16500, "BRL"))
	p.confirmRefund(16500)
	p.seesRefund(order, 1)
	p.seesStock(e, 20)
}

func (p *tab) withoutScript() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		p.t.Fatal(err)
	}
}

// enter registers on the way from an event's page, which comes back; then signs out, and in again the same way.
func (p *tab) enter(e store.Event) {
	p.t.Helper()
	event := "/events/" + e.Slug
	p.visit(event)
	p.seesStock(e, 20)
	p.press(`#sale a[href^="/register"]`)
	p.sees(p.say("register.why"))
	for _, field := range [][2]string{{"name", "Ana Clara"}, {"email", newcomer}, {"cpf", newcomerCPF}, {"password", fanPassword}} {
		p.fill(field[0], field[1])
	}
	p.press(`form[action="/register"] button[type=submit]`)
	p.sees(p.say("flash.welcome"), e.Name)
	if p.path() != event {
		p.t.Errorf("registering leads to %s, not back to the event", p.path())
	}
	p.press(`form[action="/logout"] button`)
	p.sees(p.say("flash.signed_out"))
	p.visit(event)
	p.press(`#sale a[href^="/login"]`)
	p.signIn(newcomer)
	if p.path() != event {
		p.t.Errorf("signing in leads to %s, not back to the event", p.path())
	}
}

// choose joins the line for some tickets.
func (p *tab) choose(e store.Event, quantity int) {
	p.t.Helper()
	p.press(typeField(e))
	p.do("choose how many", chromedp.SetValue(chromedp.ID("quantity"), strconv.Itoa(quantity)))
	p.press("form.buy button[type=submit]")
	p.await("the order's page", func() bool { return strings.HasPrefix(p.path(), "/orders/") })
}

// typeField is the choice of the event's first type.
func typeField(e store.Event) string { return fmt.Sprintf("#type-%d", e.Types[0].ID) }

// seesHold waits for the reserved tickets, with the time that is left and what they cost.
func (p *tab) seesHold(e store.Event, quantity int) {
	p.t.Helper()
	p.sees(views.N(p.words(), "order.reserved", quantity))
	p.sees(views.Price(p.words(), int64(quantity)*(e.Types[0].PriceCents+e.Types[0].FeeCents), e.Currency))
	p.has(".countdown")
}

// seesPayment goes on to the sandbox's page.
func (p *tab) seesPayment() {
	p.t.Helper()
	p.press("#pay-go")
	p.await("the payment page", func() bool { return strings.HasPrefix(p.where(), p.shop.settings["SANDBOX_URL"]+"/pay/") })
}

// approve pays on the sandbox's page, which leads back.
func (p *tab) approve() {
	p.t.Helper()
	p.press(`button[name=outcome][value=approve]`)
	p.await("the way back from the payment page", func() bool { return strings.HasPrefix(p.path(), "/orders/") })
}

// seesTicket reads the QR code off the screen as the gate would, and fetches the ticket on paper.
func (p *tab) seesTicket(e store.Event) {
	p.t.Helper()
	p.has("svg.qr")
	p.sees(e.Name, "Ana Clara")
	picture, err := chromedp.Run(p.ctx, chromedp.Screenshot(chromedp.CSS("svg.qr")))
	if err != nil {
		p.t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		p.t.Fatal(err)
	}
	code, err := qr.Decode(image)
	if err != nil {
		p.t.Fatalf("the QR code cannot be read: %v", err)
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(p.path(), "/tickets/"), 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	ticket, err := p.shop.db.Ticket(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	if want := signedCode(p.t, p.shop.settings["SECRET_KEY"], ticket); code != want {
		p.t.Errorf("the QR code says %q, not %q", code, want)
	}
	if paper := p.fetch(p.path() + ".pdf"); !bytes.HasPrefix(paper, []byte("%PDF-")) {
		p.t.Errorf("the ticket on paper is no PDF: %.20q", paper)
	}
}

// signedCode is the code of a ticket as its format says, written once more so that a change is noticed: gates keep
// reading what was printed before.
func signedCode(t *testing.T, secret string, ticket store.Ticket) string {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "guiche ticket code", sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	said := []byte{1}
	for _, n := range []int64{ticket.EventID, ticket.ID, ticket.Number} {
		said = binary.AppendUvarint(said, uint64(n))
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(said)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(said, mac.Sum(nil)[:16]...))
}

// fetch downloads a path with the cookies of the tab.
func (p *tab) fetch(path string) []byte {
	p.t.Helper()
	jar, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{p.shop.url(path)}})
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.shop.url(path), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range jar.Cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s answered %d, %v", path, response.StatusCode, err)
	}
	return body
}

// confirmRefund sends the choice of tickets, and confirms the sum.
func (p *tab) confirmRefund(cents int64) {
	p.t.Helper()
	p.press(`form[action$="/refunds"] button[type=submit]`)
	p.sees(p.say("refund.confirm"), views.Money(p.words(), cents, "BRL"))
	p.press(`form[method=post][action$="/refunds"] button[type=submit]`)
}

// seesRefund waits until the order is given back and its money has gone.
func (p *tab) seesRefund(order string, quantity int64) {
	p.t.Helper()
	p.sees(p.say("order.refunded"))
	p.sees(p.say("order.refund_done", "Amount", views.Money(p.words(), quantity*16500, "BRL")))
	if p.path() != order {
		p.t.Errorf("giving back leads to %s, not to the order", p.path())
	}
}

// seesStock waits until the event's page tells how many tickets are left.
func (p *tab) seesStock(e store.Event, left int) {
	p.t.Helper()
	p.await("tickets left", func() bool {
		p.visit("/events/" + e.Slug)
		return strings.Contains(p.read(), plain(views.N(p.words(), "left.tickets", left)))
	})
	if b := p.shop.book(e); b.Free() != left || !b.Balanced() {
		p.t.Errorf("books: %+v, want %d free", b, left)
	}
}
