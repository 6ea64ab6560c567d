package journeys

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"guiche/store"
	"guiche/views"
)

// lettersRead registers, confirms the e-mail and replaces a forgotten password, by what comes to the outbox.
func lettersRead(t *testing.T, b *browser) {
	s := openShop(t)
	p := b.open(t, s, phone)
	p.visit("/register")
	for _, field := range [][2]string{{"name", "Ana Clara"}, {"email", newcomer}, {"cpf", newcomerCPF}, {"password", fanPassword}} {
		p.fill(field[0], field[1])
	}
	p.press(`form[action="/register"] button[type=submit]`)
	p.sees(p.say("flash.welcome"))
	p.press(`nav a[href="/account"]`)
	p.sees(newcomer, p.say("account.unconfirmed"))
	p.look("account-unconfirmed")

	p.openLetter(p.say("letter.confirm.subject"))
	p.look("outbox-letter")
	p.pressInLetter("/confirm")
	p.sees(p.say("confirm.why"))
	p.press(`form[action="/confirm"] button`)
	p.sees(p.say("flash.email_confirmed"), p.say("account.confirmed"))

	other := b.open(t, s, desktop) // another device of hers
	other.visit("/login")
	other.signIn(newcomer)

	p.press(`form[action="/logout"] button`)
	p.sees(p.say("flash.signed_out"))
	p.visit("/login")
	p.press(`a[href="/password"]`)
	p.sees(p.say("password.why"))
	p.fill("email", newcomer)
	p.press(`form[action="/password"] button`)
	p.sees(views.PasswordAsked.In(p.words()))
	p.openLetter(p.say("letter.reset.subject"))
	p.pressInLetter("/password/new")
	p.sees(p.say("password.new_why"))
	p.fill("password", "a-longer-password")
	p.press(`form[action="/password/new"] button`)
	p.sees(p.say("flash.password_changed"))
	p.visit("/account")
	p.sees(newcomer)

	other.visit("/account")
	other.sees(other.say("login.title"))
	if a, err := s.db.AccountByEmail(t.Context(), newcomer); err != nil || a.ConfirmedAt.IsZero() || a.Role != store.Fan {
		t.Errorf("the account is %+v, %v", a, err)
	}
}

// openLetter waits for a letter in the outbox and opens it.
func (p *tab) openLetter(subject string) {
	p.t.Helper()
	p.visit("/")
	p.press(`.play a[href="/outbox"]`)
	var path string
	p.await("the letter has come", func() bool {
		path = ask[string](p, `[...document.querySelectorAll(".outbox a")].find(a => a.textContent === `+quoted(subject)+`)?.getAttribute("href") ?? ""`)
		if path == "" {
			p.visit("/outbox")
		}
		return path != ""
	})
	p.press(`.outbox a[href="` + path + `"]`)
	p.has("iframe.letter")
	p.sees(subject)
}

// pressInLetter presses the letter's button, which leads to a page. Nobody can look into the letter's frame, so a finger
// goes down its left side until something happens.
func (p *tab) pressInLetter(page string) {
	p.t.Helper()
	p.await("the letter is there", func() bool {
		return ask[bool](p, `document.readyState === "complete" && document.querySelector("iframe.letter") !== null`)
	})
	for down := 200; down < 700; down += 16 {
		at := ask[[]float64](p, letterSpotScript+`(`+strconv.Itoa(down)+`)`)
		if len(at) != 2 {
			break // the page is being replaced by the next
		}
		p.do("tap in the letter", chromedp.TapXY(at[0], at[1]))
	}
	p.await("the letter leads to "+page, func() bool { return p.path() == page })
}

// letterSpotScript tells where a spot of the letter is on the screen, once it is in view; nothing on other pages.
const letterSpotScript = `(down => {
	const frame = document.querySelector("iframe.letter");
	if (!frame) return null;
	window.scrollTo({top: frame.getBoundingClientRect().y + scrollY + down - innerHeight / 2, behavior: "instant"});
	const box = frame.getBoundingClientRect();
	return [box.x + 80, box.y + down];
})`
