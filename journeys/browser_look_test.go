package journeys

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screens is where every page that the browser tests look at is photographed, for people to look at too:
//
//	go test ./journeys -run TestInTheBrowser -screens DIR
//
// docs/screens/event.png is event-open-1280-light.png of these, docs/screens/line-phone.png is order-queued-390-dark.png.
var screens = flag.String("screens", "", "folder for pictures of the pages that the browser tests visit")

// axe is axe-core 4.14.1, under the Mozilla Public License 2.0, as its package on npm holds it.
//
//go:embed testdata/axe/axe.min.js
var axe string

// axeScript runs it with some options and tells the violations that keep people out, each with where it was found.
const axeScript = `axe.run(document, {preload: false, resultTypes: ["violations"], ...%s}).then(found => found.violations
	.filter(v => v.impact === "serious" || v.impact === "critical")
	.map(v => v.id + ": " + v.help + " at " + v.nodes.map(n => n.target.join(" ") + " (" + n.failureSummary + ")").join("; ")))`

// scheme is a kind of light that pages are looked at in, with what axe is asked there.
type scheme struct{ name, options string }

// What depends on colours alone is all that may differ in the dark.
var (
	light = scheme{"light", `{}`}
	dark  = scheme{"dark", `{runOnly: ["color-contrast"]}`}
)

// spillScript tells what is wider than the card or the page that it stands in.
const spillScript = `[document.documentElement, ...document.querySelectorAll("main .type, main .sale, main .order, main .slip, main .card, main .stub, main .ticket")]
	.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.tagName + "." + e.className)`

// look checks the page as it is now for what sticks out and, in light and dark, for what keeps people with disabilities out.
// The test of a page that changes by itself must hold it still meanwhile.
func (p *tab) look(name string) {
	p.t.Helper()
	for _, in := range []scheme{light, dark} {
		p.light(in.name)
		p.examine(name, in)
	}
	p.light("")
}

// measure is look for what does not depend on light: words are longer in one language than in another, while all that axe
// asks about is the same in each.
func (p *tab) measure(name string) {
	p.t.Helper()
	p.light(dark.name)
	p.settled()
	p.fits(name)
	p.photograph(name, dark.name)
	p.light("")
}

func (p *tab) settled() {
	p.t.Helper()
	p.await("the page has its styles and colours", func() bool {
		return ask[bool](p, `document.readyState === "complete" && document.getAnimations().length === 0`)
	})
}

func (p *tab) fits(name string) {
	p.t.Helper()
	for _, spilt := range ask[[]string](p, spillScript) {
		p.t.Errorf("%s: the content of %s sticks out", name, spilt)
	}
}

// examine is look in one light, in which the page is shown already.
func (p *tab) examine(name string, in scheme) {
	p.t.Helper()
	p.settled()
	p.fits(name)
	for _, violation := range p.violations(in.options) {
		p.t.Errorf("%s in %s: %s", name, in.name, violation)
	}
	p.photograph(name, in.name)
}

// light makes the reader prefer a colour scheme, and things that do not move: colours that fade into each other are waited
// for. An empty one leaves it to the browser.
func (p *tab) light(scheme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion"}}
	if scheme != "" {
		features[1].Value = "reduce"
	}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) violations(options string) []string {
	p.t.Helper()
	if !ask[bool](p, `typeof axe === "object"`) {
		load := chromedp.Evaluate[chromedp.Void](axe)
		if p.axe != "" {
			load = chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise((loaded, failed) => document.head.append(
				Object.assign(document.createElement("script"), {src: %q, onload: loaded, onerror: failed})))`, p.axe), awaitPromise)
		}
		p.do("load axe", load)
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(axeScript, options), awaitPromise))
	if err != nil {
		p.t.Fatalf("axe: %v", err)
	}
	return found
}

// photograph keeps pictures of the whole page at the width of a phone and of a desk, if anybody asked for them.
func (p *tab) photograph(name, scheme string) {
	p.t.Helper()
	if *screens == "" {
		return
	}
	for _, as := range []screen{phone, desktop} {
		p.do("change the screen", p.emulate(as))
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			p.t.Fatal(err)
		}
		path := filepath.Join(*screens, fmt.Sprintf("%s-%d-%s.png", name, as.width, scheme))
		if err := os.WriteFile(path, picture, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	p.do("change the screen back", p.emulate(p.screen))
}

func awaitPromise(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
