package journeys

import (
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/views"
)

// showGallery opens a state of the gallery.
func (p *tab) showGallery(site, state string) {
	p.t.Helper()
	p.do("visit "+state, chromedp.Navigate(site+"/"+state))
	p.await("the page is there", func() bool { return ask[bool](p, `document.readyState === "complete"`) })
}

// inReach reports whether the button of the buy form can be pressed without scrolling.
const inReach = `(() => {
	const button = document.querySelector("form.buy button[type=submit]"), box = button.getBoundingClientRect();
	return scrollY === 0 && box.bottom <= innerHeight && button.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
})()`

// shows waits until what can be seen of an element is a text.
func (p *tab) shows(selector, text string) {
	p.t.Helper()
	p.await(selector+" shows "+text, func() bool {
		return plain(ask[string](p, `document.querySelector(`+quoted(selector)+`).innerText`)) == plain(text)
	})
}

// formsAnswer watches the forms of fans follow what is chosen in them.
func formsAnswer(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese).URL
	p := b.open(t, nil, phone)
	const button, total, sum = "form.buy button[type=submit]", "form.buy output", "main output"
	p.showGallery(site, "event-open")
	p.await("the button is in reach", func() bool { return ask[bool](p, inReach) })
	p.shows(total, "A partir de R$ 165,00")
	p.press(`label[for="type-11"]`)
	p.shows(total, "1 × R$ 165,00")
	p.do("choose two", chromedp.SetValue(chromedp.ID("quantity"), "2"))
	p.shows(total, "2 × R$ 165,00 = R$ 330,00")
	p.shows(button, p.say("event.join"))
	p.has("#keep")
	p.press(`label[for="type-13"]`) // sold out
	p.shows(total, "2 × R$ 66,00 = R$ 132,00")
	p.shows(button, p.say("event.join_returns_type"))
	if ask[bool](p, `document.querySelector(".keep").checkVisibility()`) {
		t.Error("what goes without saying on a return list can be ticked")
	}
	p.press(`label[for="type-11"]`)
	p.shows(button, p.say("event.join"))

	p.showGallery(site, "refund")
	tickets := ask[[]string](p, `[...document.querySelectorAll("input[name=ticket]")].map(i => i.id)`)
	all := func() bool { return ask[bool](p, `document.querySelector("#ticket-all").checked`) }
	p.shows(sum, "R$ 0,00")
	p.press(`label[for="` + tickets[0] + `"]`)
	p.shows(sum, "R$ 165,00")
	p.press(`label[for="` + tickets[1] + `"]`)
	p.shows(sum, "R$ 330,00")
	if !all() {
		t.Error("with every ticket ticked, all are not")
	}
	p.press(`label[for="` + tickets[0] + `"]`)
	p.shows(sum, "R$ 165,00")
	if all() {
		t.Error("with one ticket left out, all are ticked")
	}
	p.press(`label[for="ticket-all"]`)
	p.shows(sum, "R$ 330,00")
	p.showGallery(site, "refund-after-goodwill") // less is left than the tickets cost
	p.press(`label[for="ticket-all"]`)
	p.shows(sum, "R$ 200,00")

	p.showGallery(site, "login")
	p.fill("password", "correct horse")
	field := func() string { return ask[string](p, `document.querySelector("#password").type`) }
	for _, seen := range []string{"text", "password"} {
		p.press("label.reveal")
		p.await("the password is "+seen, func() bool { return field() == seen })
	}
}

// formsWithoutScript is what is left of it without JavaScript: the button, its words, and what one ticket costs.
func formsWithoutScript(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese).URL
	p := b.open(t, nil, phone)
	p.withoutScript()
	p.showGallery(site, "event-open-changed")
	p.shows("form.buy output", "1 × R$ 165,00")
	p.showGallery(site, "event-open")
	p.await("the button is in reach", func() bool { return ask[bool](p, inReach) })
	p.shows("form.buy output", "A partir de R$ 165,00")
	p.press(`label[for="type-13"]`)
	p.shows("form.buy button[type=submit]", p.say("event.join_returns_type"))
	p.showGallery(site, "login")
	if ask[bool](p, `document.querySelector(".reveal").checkVisibility()`) {
		t.Error("a switch that does nothing is shown")
	}
}
