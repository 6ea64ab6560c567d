package journeys

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"guiche/journeys/world"
	"guiche/views"
)

// browser is one Chromium for all journeys; each journey has a profile of its own in it.
type browser struct{ ctx context.Context }

func newBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // it looks at our own pages only, and many containers allow no sandbox
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", views.Portuguese),
	)
	ctx, closeProgram := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(closeProgram)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &browser{ctx}
}

// screen is what a person holds or sits before.
type screen struct {
	width, height int64
	touch         bool
}

var (
	phone   = screen{390, 844, true}
	desktop = screen{1280, 900, false}
)

// stepTime is how long anything that a page should do may take. The slowest is a page without JavaScript, which looks
// again after fifteen seconds.
const stepTime = 30 * time.Second

// lookAgain is how soon a page is asked again: asking it keeps a processor busy that it may need itself.
const lookAgain = 25 * time.Millisecond

// tab is one page that a person looks at.
type tab struct {
	*watch
	t        *testing.T
	ctx      context.Context
	shop     *shop
	screen   screen
	language string
	axe      string // its address, if the site has it
}

// open gives a person a fresh profile and a first tab.
func (b *browser) open(t *testing.T, s *shop, as screen) *tab {
	t.Helper()
	return newTab(t, b.ctx, s, as, chromedp.WithNewBrowserContext())
}

// another opens a second tab of the same person.
func (p *tab) another() *tab {
	p.t.Helper()
	return newTab(p.t, p.ctx, p.shop, p.screen)
}

func newTab(t *testing.T, ctx context.Context, s *shop, as screen, options ...chromedp.ContextOption) *tab {
	t.Helper()
	p := &tab{watch: &watch{}, t: t, shop: s, screen: as, language: views.Portuguese}
	ctx, closeTab := chromedp.NewContext(ctx, append(options, chromedp.WithListener(p.hear))...)
	t.Cleanup(closeTab)
	p.ctx = ctx
	if err := chromedp.Do(ctx, p.emulate(as)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the tab shows %s\n%s", p.where(), p.read())
		}
		p.report(t)
	})
	return p
}

func (p *tab) emulate(as screen) chromedp.Action[chromedp.Void] {
	if as.touch {
		return chromedp.EmulateViewport(as.width, as.height, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.EmulateViewport(as.width, as.height)
}

// do runs steps that must work.
func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTime)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// await waits until the page lets ok come true.
func (p *tab) await(what string, ok func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), stepTime)
	defer cancel()
	if world.Poll(ctx, lookAgain, ok) != nil {
		p.t.Fatalf("did not come true on %s: %s", p.where(), what)
	}
}

// ask evaluates an expression in the page. It is the zero value while a page is being replaced by the next.
func ask[T any](p *tab, expression string) (answer T) {
	ctx, cancel := context.WithTimeout(p.ctx, stepTime)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		var none T
		return none
	}
	return answer
}

// visit opens a path of the shop.
func (p *tab) visit(path string) {
	p.t.Helper()
	p.do("visit "+path, chromedp.Navigate(p.shop.url(path)))
}

// where is the address of the page.
func (p *tab) where() string { return ask[string](p, `location.href`) }

// path is the address within the shop.
func (p *tab) path() string { return strings.TrimPrefix(p.where(), p.shop.url("")) }

// read is what can be read on the page's main part, in one line.
func (p *tab) read() string {
	return plain(ask[string](p, `document.querySelector("main")?.innerText ?? ""`))
}

// plain makes texts comparable: styles may change the case of letters and the kind of spaces.
func plain(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// say is a sentence of the catalog in the language of the tab.
func (p *tab) say(key string, pairs ...any) string { return views.T(p.words(), key, pairs...) }

func (p *tab) words() context.Context { return views.WithLanguage(p.t.Context(), p.language) }

// sees waits until the page says something.
func (p *tab) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.await("the page says "+text, func() bool { return strings.Contains(p.read(), plain(text)) })
	}
}

// has waits until the page has an element.
func (p *tab) has(selector string) {
	p.t.Helper()
	p.await("there is "+selector, func() bool {
		return ask[bool](p, `document.querySelector(`+quoted(selector)+`) !== null`)
	})
}

// hasNot fails the test if the page has an element.
func (p *tab) hasNot(selectors ...string) {
	p.t.Helper()
	for _, selector := range selectors {
		if ask[bool](p, `document.querySelector(`+quoted(selector)+`) !== null`) {
			p.t.Errorf("there is %s on %s", selector, p.where())
		}
	}
}

// title waits until the tab has a title.
func (p *tab) title(want string) {
	p.t.Helper()
	p.await("the title is "+want, func() bool { return ask[string](p, `document.title`) == want })
}

// spotScript finds where a person would press: the middle of the element, once it is in view and nothing covers it.
const spotScript = `(selector => {
	const el = document.querySelector(selector);
	if (!el || el.disabled || document.readyState === "loading") return null;
	el.scrollIntoView({block: "center", behavior: "instant"});
	const box = el.getBoundingClientRect();
	const x = box.x + box.width / 2, y = box.y + box.height / 2;
	const top = document.elementFromPoint(x, y);
	return box.width > 0 && top && (el.contains(top) || top.contains(el)) ? [x, y] : null;
})`

// press presses an element with a finger or the mouse.
func (p *tab) press(selector string) {
	p.t.Helper()
	x, y := p.spot(selector)
	if p.screen.touch {
		p.do("tap "+selector, chromedp.TapXY(x, y))
		return
	}
	p.do("click "+selector, chromedp.MouseClickXY(x, y))
}

// spot waits until an element can be pressed and tells where.
func (p *tab) spot(selector string) (x, y float64) {
	p.t.Helper()
	p.await("can be pressed: "+selector, func() bool {
		at := ask[[]float64](p, spotScript+`(`+quoted(selector)+`)`)
		if len(at) != 2 {
			return false
		}
		x, y = at[0], at[1]
		return true
	})
	return x, y
}

// fill types into a field.
func (p *tab) fill(name, text string) {
	p.t.Helper()
	selector := `main [name="` + name + `"]`
	p.press(selector)
	p.await("the field is chosen: "+name, func() bool {
		return ask[bool](p, `document.activeElement === document.querySelector(`+quoted(selector)+`)`)
	})
	p.do("type into "+name, typing(text))
}

// typing is what a keyboard on the screen does: it hands over text, not keys.
func typing(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

// keep marks the page, so that kept can tell whether it was loaded again.
func (p *tab) keep() {
	p.t.Helper()
	p.do("mark the page", chromedp.Evaluate[chromedp.Void](`window.kept = true`))
}

// kept fails the test if the page was loaded again since keep.
func (p *tab) kept() {
	p.t.Helper()
	if !ask[bool](p, `window.kept === true`) {
		p.t.Error("the page was loaded again; it should have changed by itself")
	}
}

// signIn signs in on the sign-in page, from wherever its link is.
func (p *tab) signIn(email string) {
	p.t.Helper()
	p.sees(p.say("login.title"))
	p.fill("email", email)
	p.fill("password", fanPassword)
	p.press(`form[action="/login"] button[type=submit]`)
	p.has(`form[action="/logout"]`)
}

// quoted is a text as JavaScript writes it.
func quoted(text string) string {
	b, _ := json.Marshal(text) // a string never fails
	return string(b)
}
