package journeys

import (
	"strings"
	"testing"

	"guiche/views"
)

// Numbers of cards that the sandbox takes, and what they do.
const (
	cardThatPays    = "9000 0000 0000 0001"
	cardWithNothing = "9000 0101 0000 0009"
)

// waysToPay takes more time, is declined, pays by card, gives one ticket of two back, reads the letters
// about it, and pays by Pix the next time.
func waysToPay(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.startGenerator()
	p := b.open(t, s, phone)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 2)
	p.seesHold(e, 2)
	order := p.path()
	p.press("#extend")
	p.sees(p.say("flash.longer"), p.say("order.longer_asked"))
	p.look("order-extended")

	p.press("#pay")
	p.seesPayment()
	p.payByCard(cardWithNothing)
	p.sees(p.say("flash.declined"))
	p.look("order-declined")
	p.press("#pay")
	p.seesPayment()
	p.payByCard(cardThatPays)
	p.sees(views.N(p.words(), "order.paid", 2), p.say("story.title"))
	p.openLetter(p.say("letter.paid.subject", "Event", e.Name))
	p.has(`main a[href*="/files/"][download$=".pdf"]`)
	p.visit(order)

	p.press(`a[href="` + order + `/refunds"]`)
	p.has("main input[name=ticket]")
	ticket := strings.TrimPrefix(ask[string](p, `document.querySelector("main input[name=ticket]").id`), "ticket-")
	p.press(`label[for="ticket-` + ticket + `"]`)
	p.confirmRefund(16500)
	p.sees(p.say("order.refund_done", "Amount", views.Money(p.words(), 16500, "BRL")), views.N(p.words(), "order.paid", 1))
	p.look("order-one-back")
	if stubs := ask[int](p, `document.querySelectorAll("a.stub").length`); stubs != 1 {
		t.Errorf("%d tickets still open the gate", stubs)
	}

	p.openLetter(p.say("letter.refunded.subject", "Event", e.Name))

	p.visit("/events/" + e.Slug)
	p.choose(e, 1)
	p.seesHold(e, 1)
	p.press("#pay")
	p.seesPayment()
	p.press(`button[name=outcome][value=pix]`)
	p.sees(views.N(p.words(), "order.paid", 1))
	if path := p.path(); path == order || !strings.HasPrefix(path, "/orders/") {
		t.Errorf("the Pix led to %s", path)
	}
	p.seesStock(e, 18)
	s.audited()
}

// payByCard types a card into the sandbox's page, which leads back.
func (p *tab) payByCard(number string) {
	p.t.Helper()
	p.await("the form for cards is open", func() bool {
		open := ask[bool](p, `document.querySelector("details:has(input[name=card])")?.open === true`)
		if !open {
			p.press(`details:has(input[name=card]) > summary`)
		}
		return open
	})
	p.fill("card", number)
	p.press(`button[name=outcome][value=card]`)
	p.await("the way back from the payment page", func() bool { return strings.HasPrefix(p.path(), "/orders/") })
}
