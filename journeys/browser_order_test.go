package journeys

import (
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"guiche/views"
	"guiche/views/gallery"
)

// connectionCut loses the shop in line, where nothing is answered any more, and while a hold runs, where nothing listens.
func connectionCut(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	s.lineUp(e, 1)
	p := b.open(t, s, phone)
	p.expects("ERR_", "EventSource", "[object Event]", "htmx:", "a request failed")
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 1)
	p.sees(p.say("live.streaming"))
	p.title("2º · " + e.Name + " · Guichê")
	p.keep()

	s.web.signal(syscall.SIGSTOP)
	lost := time.Now()
	p.sees(p.say("live.lost_place"))
	if took := time.Since(lost); took > 8*time.Second {
		t.Errorf("the page noticed after %s", took)
	}
	if strings.Contains(p.read(), plain(p.say("live.streaming"))) {
		t.Error("a page that is cut off calls itself live")
	}
	p.look("order-cut")
	s.web.signal(syscall.SIGCONT)
	p.sees(p.say("live.streaming"))
	p.hasNot(".lost")
	s.startGenerator()
	p.seesHold(e, 1)
	p.kept()
	p.await("the title counts", func() bool {
		clock := ask[string](p, `document.querySelector(".countdown").textContent`)
		return clock != "" && ask[string](p, `document.title`) == "Sua vez · "+clock+" · "+e.Name+" · Guichê"
	})

	s.web.kill()
	p.press("#pay")
	p.sees(p.say("layout.cut"), p.say("live.lost_hold"))
	p.kept()
	p.look("order-cut-pay")
	s.web = s.startWeb(0)
	p.sees(p.say("live.streaming"))
	p.kept()
	p.press("#pay")
	p.seesPayment()
}

// sevenTabs opens one order more often than a browser has connections to a site. Each is shown, and each can act.
func sevenTabs(t *testing.T, b *browser) {
	s, e := stockShow(t, show())
	p := b.open(t, s, desktop)
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 1)
	tabs := []*tab{p}
	for range 6 {
		q := p.another()
		q.visit(p.path())
		tabs = append(tabs, q)
	}
	for _, q := range tabs {
		q.has(".order-queued")
		q.keep()
	}
	s.startGenerator()
	for _, q := range tabs {
		q.has(".order-reserved")
		q.kept()
		q.await("the title tells of the hold", func() bool {
			return strings.HasPrefix(ask[string](q, `document.title`), "Sua vez · ")
		})
	}
	last := tabs[len(tabs)-1]
	last.press("#pay")
	last.seesPayment()
}

// streamsScript counts the live connections that a page has, from its beginning.
const streamsScript = `window.EventSource = class extends EventSource {
	constructor(...all) { super(...all); (window.streams ??= []).push(this); }
}`

// streams is how many live connections the page has.
func (p *tab) streams() int {
	p.t.Helper()
	return ask[int](p, `(window.streams ?? []).filter(s => s.readyState !== EventSource.CLOSED).length`)
}

// hiddenScript makes a page believe that nobody looks at it, or that somebody does again.
const hiddenScript = `Object.defineProperty(document, "hidden", {configurable: true, get: () => %v});
	document.dispatchEvent(new Event("visibilitychange"))`

// lastMinutes sits through the end of a hold, with clocks that are set meanwhile, a screen reader and the keyboard.
func lastMinutes(t *testing.T, b *browser) {
	e := show()
	e.HoldSeconds, e.HoldExtras.ExtendSeconds = 140, 120 // what comes before the last two minutes has time on a slow machine too
	s, e := stockShow(t, e)
	s.startGenerator()
	p := b.open(t, s, desktop)
	if _, err := chromedp.Call(p.ctx, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: streamsScript}); err != nil {
		t.Fatal(err)
	}
	p.visitSignedIn(e, s.createFan(newcomer))
	p.choose(e, 1)
	p.seesHold(e, 1)
	p.keep()
	before := func(a, b string) bool {
		return ask[bool](p, `!!(document.querySelector("`+a+`")?.compareDocumentPosition(document.querySelector("`+b+`")) & Node.DOCUMENT_POSITION_FOLLOWING)`)
	}
	if !before("#pay", "#extend") {
		t.Error("more time is offered first though there is time")
	}
	p.do("the clock of the computer is set", chromedp.Evaluate[chromedp.Void](`(real => { Date.now = () => real() + 3600000 })(Date.now.bind(Date))`))
	p.do("the focus is inside", chromedp.Evaluate[chromedp.Void](`document.querySelector("#leave-ask").focus()`))
	p.await("two minutes are told", func() bool {
		return ask[string](p, `document.querySelector("#say").textContent`) == views.N(p.words(), "order.minutes_left", 2)
	})
	p.await("more time is offered first", func() bool { return before("#extend", "#pay") })
	p.await("the focus is kept", func() bool { return ask[bool](p, `document.activeElement.id === "leave-ask"`) })
	clock := ask[string](p, `document.querySelector(".countdown").textContent`)
	if !regexp.MustCompile(`^0[12]:\d\d$`).MatchString(clock) {
		t.Errorf("after the computer's clock was set an hour ahead, the countdown says %s", clock)
	}

	p.do("hide the tab", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(hiddenScript, true)))
	p.await("it lets go of its connection", func() bool { return p.streams() == 0 })
	p.do("show the tab", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(hiddenScript, false)))
	p.await("it follows again", func() bool { return p.streams() == 1 })
	p.do("the focus is where it will be gone", chromedp.Evaluate[chromedp.Void](`document.querySelector("#pay").focus()`))
	fan := p.another()
	fan.visit(p.path())
	fan.press("#leave-ask")
	fan.press("#leave")
	p.sees(p.say("order.gave_up"))
	p.await("the focus is on the heading", func() bool { return ask[bool](p, `document.activeElement.matches(".order h1")`) })
	p.title("Desistência · " + e.Name + " · Guichê")
	p.kept()
}

// pixOnAPhone looks at the code of a Pix where it cannot be scanned, and at a desk.
func pixOnAPhone(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese)
	p := b.open(t, nil, phone)
	p.do("visit", chromedp.Navigate(site.URL+"/order-reserved-pix"))
	p.has("#pix-copy:not([hidden])")
	if bottom := ask[float64](p, `document.querySelector("#pix-copy").getBoundingClientRect().bottom`); bottom > float64(phone.height)-80 {
		t.Errorf("the button to copy ends at %v", bottom)
	}
	if ask[bool](p, `document.querySelector(".pix .qr").checkVisibility({contentVisibilityAuto: true})`) {
		t.Error("a phone shows a picture that it cannot scan")
	}
	p.press("#pix-copy")
	p.sees(p.say("pix.copied"))
	p.press("#pix-picture")
	p.await("the picture unfolds", func() bool {
		return ask[bool](p, `document.querySelector(".pix .qr").getBoundingClientRect().height > 100`)
	})
	q := b.open(t, nil, desktop)
	q.do("visit", chromedp.Navigate(site.URL+"/order-reserved-pix"))
	q.await("the picture is there at once", func() bool {
		return ask[bool](q, `document.querySelector(".pix details:has(.qr)").open`)
	})
}

// largeText doubles the size of the text and looks for pages that have to be scrolled sideways.
func largeText(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese)
	p := b.open(t, nil, phone)
	if _, err := chromedp.Call(p.ctx, devtools.SetFontSizes, devtools.SetFontSizesParams{FontSizes: &devtools.FontSizes{Standard: 32, Fixed: 26}}); err != nil {
		t.Fatal(err)
	}
	for _, s := range gallery.States() {
		p.do("visit "+s.Name, chromedp.Navigate(site.URL+"/"+s.Name))
		p.await("the page has its styles", func() bool { return ask[bool](p, `document.readyState === "complete"`) })
		if wide := ask[int](p, `document.documentElement.scrollWidth`); wide > int(phone.width) {
			widest := ask[string](p, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 391 || e.scrollWidth > e.clientWidth + 1 && e.scrollWidth > 391).map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right)).slice(0, 6).join(", ")`)
			t.Errorf("%s is %d wide: %s", s.Name, wide, widest)
		}
	}
}

// chosenColours looks at what colour alone would tell, in the colours of a reader who chose her own.
func chosenColours(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese)
	p := b.open(t, nil, phone)
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
	}); err != nil {
		t.Fatal(err)
	}
	edge := func(state, selector string) string {
		p.do("visit "+state, chromedp.Navigate(site.URL+"/"+state))
		p.has(selector)
		return ask[string](p, `(s => s.borderTopStyle + " " + s.borderTopWidth)(getComputedStyle(document.querySelector(`+quoted(selector)+`)))`)
	}
	for _, c := range [][2]string{
		{"order-reserved", ".deadline"}, {"order-reserved-declined", ".notice"}, {"ticket", ".ticket"}, {"admin-event-undoing", "progress"},
	} {
		if got := edge(c[0], c[1]); strings.HasPrefix(got, "none") || strings.HasSuffix(got, " 0px") {
			t.Errorf("%s on %s has the edge %q", c[1], c[0], got)
		}
	}
	if one, other := edge("order-reserved-methods", ".do:not(.second)"), edge("order-reserved-methods", ".do.second"); one == other {
		t.Errorf("what to do first looks like the rest: %q", one)
	}
	p.photograph("forced-colours", "active")
}

// ticketAtTheGate holds a phone out.
func ticketAtTheGate(t *testing.T, b *browser) {
	site := newGallery(t, views.Portuguese)
	p := b.open(t, nil, phone)
	p.do("visit", chromedp.Navigate(site.URL+"/ticket"))
	p.has(".ticket .qr")
	if bottom := ask[float64](p, `document.querySelector(".qr").getBoundingClientRect().bottom`); bottom > 500-75 { // the strip of a demonstration is as high
		t.Errorf("the code ends at %v", bottom)
	}
	for _, scheme := range []scheme{light, dark} {
		p.light(scheme.name)
		p.do("visit", chromedp.Navigate(site.URL+"/ticket-gate"))
		p.has(".gate .qr")
		ground := ask[string](p, `getComputedStyle(document.elementFromPoint(5, 5)).backgroundColor + getComputedStyle(document.elementFromPoint(385, 840)).backgroundColor`)
		if ground != "rgb(255, 255, 255)rgb(255, 255, 255)" {
			t.Errorf("in the %s the ground is %s", scheme.name, ground)
		}
		if width := ask[float64](p, `document.querySelector(".qr").getBoundingClientRect().width`); width < 300 {
			t.Errorf("the code is only %v wide", width)
		}
	}
}
