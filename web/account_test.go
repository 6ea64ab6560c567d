package web

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func registration() url.Values {
	return url.Values{
		"name": {"Ana Luísa"}, "email": {"Ana@Guiche.test"}, "cpf": {"529.982.247-25"}, "password": {"correct horse"},
	}
}

func but(form url.Values, name, value string) url.Values {
	form.Set(name, value)
	return form
}

func TestRegisterSignOutSignIn(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	v.get("/register?next=/orders").want(http.StatusOK).says(`value="/orders"`)
	if cookies := v.get("/").header.Values("Set-Cookie"); len(cookies) != 0 {
		t.Errorf("an anonymous page sets %v", cookies)
	}
	v.post("/register", but(registration(), "next", "/orders")).leadsTo("/orders")
	v.get("/orders").want(http.StatusOK).says(views.Welcome.In(t.Context()))
	v.get("/orders").silent(views.Welcome.In(t.Context()))
	v.get("/login").leadsTo("/")
	a, err := w.DB.AccountByEmail(t.Context(), "ana@guiche.test")
	if err != nil || a.CPF != "52998224725" || a.Name != "Ana Luísa" || a.Role != store.Fan || strings.Contains(a.PasswordHash, "horse") {
		t.Errorf("the account is %+v, %v", a, err)
	}
	v.post("/logout", nil).leadsTo("/")
	v.get("/orders").leadsTo("/login?next=%2Forders")
	v.post("/logout", nil).leadsTo("/") // pressed twice
	v.post("/login", url.Values{"email": {" ANA@guiche.test "}, "password": {"correct horse"}, "next": {"//evil.test"}}).leadsTo("/")
	v.get("/orders").want(http.StatusOK)
}

func TestRegisteringSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.visitor().post("/register", registration()).want(http.StatusSeeOther)
	w.set(`update accounts set confirmed_at = now() where cpf is not null`)
	other := func() url.Values { // takes nothing that is taken
		return but(but(registration(), "email", "bia@guiche.test"), "cpf", "111.444.777-35")
	}
	for name, row := range map[string]struct {
		form url.Values
		says views.Message
	}{
		"no name":             {but(other(), "name", "  "), views.NameMissing},
		"an invisible name":   {but(other(), "name", "\u200b\u00a0"), views.NameMissing},
		"a long name":         {but(other(), "name", strings.Repeat("a", 201)), views.TooLong},
		"no e-mail":           {but(other(), "email", ""), views.EmailBad},
		"half an e-mail":      {but(other(), "email", "bia@"), views.EmailBad},
		"no domain":           {but(other(), "email", "bia@localhost"), views.EmailBad},
		"a name in an e-mail": {but(other(), "email", "Bia <bia@guiche.test>"), views.EmailBad},
		"a foreign letter":    {but(other(), "email", "bıa@guiche.test"), views.EmailBad},
		"a long e-mail":       {but(other(), "email", strings.Repeat("b", 250)+"@guiche.test"), views.EmailBad},
		"a wrong CPF":         {but(other(), "cpf", "529.982.247-26"), views.CPFBad},
		"a short password":    {but(other(), "password", "1234567"), views.PasswordShort(PasswordShortest)},
		"a long password":     {but(other(), "password", strings.Repeat("x", 129)), views.PasswordLong},
		"a taken e-mail":      {but(other(), "email", "ANA@guiche.test"), views.EmailTaken},
		"a taken CPF":         {but(other(), "cpf", "52998224725"), views.CPFTaken},
	} {
		page := w.visitor().post("/register", row.form)
		page.what = name
		page.want(http.StatusUnprocessableEntity).says(row.says.In(t.Context())).silent(row.form.Get("password"))
		if typed := strings.TrimSpace(row.form.Get("cpf")); typed != "" {
			page.says(`value="` + typed + `"`)
		}
	}
}

func TestSigningInDoesNotTellWhoHasAnAccount(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	wrong := w.visitor().post("/login", url.Values{"email": {a.Email}, "password": {"wrong horse"}}).want(http.StatusUnprocessableEntity)
	nobody := w.visitor().post("/login", url.Values{"email": {"x" + a.Email}, "password": {testPassword}}).want(http.StatusUnprocessableEntity)
	wrong.says(views.SignInWrong.In(t.Context())).says(`value="` + a.Email + `"`).silent("wrong horse")
	same := func(a answer) string { return dataNow.ReplaceAllString(a.body, "") }
	if strings.ReplaceAll(same(nobody), "x"+a.Email, a.Email) != same(wrong) {
		t.Error("the pages differ")
	}
}

func TestSigningInRenewsTheToken(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	site, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar.SetCookies(site, []*http.Cookie{{Name: "guiche", Value: "planted"}})
	a := w.account(store.Fan)
	answer := v.post("/login", url.Values{"email": {a.Email}, "password": {testPassword}}).want(http.StatusSeeOther)
	first := session(t, answer)
	if first == "planted" {
		t.Error("the planted token was taken")
	}
	second := session(t, v.post("/login", url.Values{"email": {a.Email}, "password": {testPassword}}))
	if second == first {
		t.Error("the token is not renewed")
	}
	v.client.Jar.SetCookies(site, []*http.Cookie{{Name: "guiche", Value: first}})
	v.get("/orders").leadsTo("/login?next=%2Forders")
}

func session(t *testing.T, a answer) string {
	t.Helper()
	for _, line := range a.header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err == nil && cookie.Name == "guiche" {
			if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge < int(29*24*60*60) {
				t.Errorf("cookie %v", cookie)
			}
			return cookie.Value
		}
	}
	t.Fatal("no session")
	return ""
}

func TestSigningInIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Login, c.RateLimit.LoginAddress = 2, 4
	})
	a := w.account(store.Fan)
	try := func(email string) answer {
		return w.visitor().post("/login", url.Values{"email": {email}, "password": {"wrong horse"}})
	}
	for range 2 {
		try(a.Email).want(http.StatusUnprocessableEntity)
	}
	page := try(strings.ToUpper(a.Email)).want(http.StatusTooManyRequests)
	if page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	page.says(`value="` + strings.ToUpper(a.Email) + `"`)
	try("somebody@guiche.test").want(http.StatusUnprocessableEntity)
	try("another@guiche.test").want(http.StatusTooManyRequests) // the address has tried often enough
	for _, key := range w.Redis.Keys(t.Context(), "*").Val() {
		if strings.Contains(key, "guiche.test") || strings.Contains(key, "127.0.0.1") {
			t.Errorf("personal data in the key %q", key)
		}
	}
}

// from203 is a header that says where a browser is.
func from203(n int) []string { return []string{"Platform-Client-IP", fmt.Sprintf("203.0.113.%d", n)} }

func TestStrangersKeepNobodyFromSigningIn(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Login, c.RateLimit.LoginAll = 3, 6
		c.ClientIPHeader = "Platform-Client-IP"
	})
	folder := w.startMail()
	a := w.account(store.Fan)
	right, wrong := url.Values{"email": {a.Email}, "password": {testPassword}}, url.Values{"email": {a.Email}, "password": {"wrong horse"}}
	hers := w.visitor()
	hers.post("/login", right, from203(1)...).want(http.StatusSeeOther)
	hers.post("/logout", nil, from203(1)...).want(http.StatusSeeOther)
	refused := 0
	for stranger := range 3 {
		for range 4 {
			if w.visitor().post("/login", wrong, from203(10+stranger)...).status == http.StatusTooManyRequests {
				refused++
			}
		}
	}
	if refused < 6 {
		t.Errorf("%d of 12 wrong tries were refused", refused)
	}
	hers.post("/login", right, from203(1)...).want(http.StatusSeeOther) // on the device that is known
	hers.post("/login", right, from203(2)...).want(http.StatusSeeOther) // wherever she takes it
	other := w.visitor()
	page := other.post("/login", right, from203(2)...).want(http.StatusTooManyRequests).says(views.SignInByLetter.In(t.Context()))
	if page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	link := linkIn(t, w.letter(folder, a.Email, "Entre na sua conta"))
	other.get(link, from203(2)...).leadsTo("/login/link")
	other.get("/login/link", from203(2)...).want(http.StatusOK).says(views.MaskEmail(a.Email)).silent(a.Email)
	other.post("/login/link", nil, from203(2)...).leadsTo("/")
	other.get("/orders", from203(2)...).want(http.StatusOK)
	again := w.visitor()
	again.get(link, from203(2)...).leadsTo("/login/link")
	again.post("/login/link", nil, from203(2)...).leadsTo("/") // pressed twice
	w.set(`update account_links set used_at = now() - interval '2 minutes' where purpose = 'sign_in'`)
	again.get(link, from203(2)...).leadsTo("/login/link")
	again.post("/login/link", nil, from203(2)...).want(http.StatusGone).says(`href="/login"`)
	if n := w.value(`select count(*)::text from letters where kind = 'sign_in'`); n != "1" {
		t.Errorf("%s letters to sign in", n)
	}
	guessing := func() answer { return hers.post("/login", wrong, from203(3)...) }
	for range 10 { // on her own device, too
		if guessing().status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a known device guesses without end")
}

func TestADeviceIsKnownForOnePasswordOfOneAccount(t *testing.T) {
	w := newWorld(t)
	a, b := w.account(store.Fan), w.account(store.Fan)
	d := w.server.people.devices
	ask := func(cookie string) echo.Context {
		r := httptest.NewRequest(http.MethodPost, "/login", nil)
		r.AddCookie(&http.Cookie{Name: d.name, Value: cookie})
		return w.server.echo.NewContext(r, httptest.NewRecorder())
	}
	good := d.sign([]byte("twelve bytes"), a)
	shared := d.sign([]byte("some others."), b) + "." + good
	if d.known(ask(good), a) == "" || d.known(ask(shared), a) == "" || d.known(ask(shared), b) == "" {
		t.Error("a device is forgotten")
	}
	changed := a
	changed.PasswordHash += "x"
	for name, got := range map[string]string{
		"another account": d.known(ask(good), b), "another password": d.known(ask(good), changed), "nobody": d.known(ask(good), store.Account{}),
		"altered": d.known(ask("A"+good[1:]), a), "empty": d.known(ask(""), a), "long": d.known(ask(strings.Repeat("x.", 5000)+good), a),
	} {
		if got != "" {
			t.Errorf("%s: known by %q", name, got)
		}
	}
}

func TestStrangersKeepNobodyFromRegistering(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Register = 2
		c.ClientIPHeader = "Platform-Client-IP"
	})
	mistyped := but(registration(), "email", "ana@guiche.tst")
	for i := range 4 { // with her CPF, from one address
		w.visitor().post("/register", but(mistyped, "email", fmt.Sprintf("x%d@guiche.test", i)), from203(1)...)
	}
	w.visitor().post("/register", but(mistyped, "email", "x@guiche.test"), from203(1)...).want(http.StatusTooManyRequests)
	hers := w.visitor()
	hers.post("/register", registration(), from203(2)...).want(http.StatusSeeOther) // the CPF is nobody's until it is confirmed
	hers.get(w.newestLink(store.LinkConfirm)).want(http.StatusSeeOther)
	hers.post("/confirm", nil).leadsTo("/account")
	late := w.visitor()
	late.post("/register", but(registration(), "email", "late@guiche.test"), from203(3)...).
		want(http.StatusUnprocessableEntity).says(views.CPFTaken.In(t.Context()))
	// Whoever took her CPF before cannot confirm it any more.
	link := w.server.people.links.Confirm(uuid.MustParse(w.value(`select l.id::text from account_links l join accounts a on a.id = l.account_id
		where a.email = 'x0@guiche.test'`)))
	late.get(strings.TrimPrefix(link, w.url)).leadsTo("/confirm")
	late.post("/confirm", nil).want(http.StatusConflict).says(`href="/account"`)
}

func TestWhoHasAnAccountIsNotFoundOutByTrying(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.RegisterTaken, c.RateLimit.Register = 2, 100
	})
	w.visitor().post("/register", registration()).want(http.StatusSeeOther)
	w.set(`update accounts set confirmed_at = now()`)
	email := but(but(registration(), "cpf", "111.444.777-35"), "name", "Eva")
	cpf := but(but(registration(), "email", "eva@guiche.test"), "name", "Eva")
	try := func(form url.Values) answer { return w.visitor().post("/register", form) }
	try(email).want(http.StatusUnprocessableEntity).says(views.EmailTaken.In(t.Context()))
	try(cpf).want(http.StatusUnprocessableEntity).says(views.CPFTaken.In(t.Context()))
	for _, form := range []url.Values{email, cpf} {
		page := try(form).want(http.StatusTooManyRequests).says(views.RegisterElsewhere.In(t.Context()))
		page.silent(views.EmailTaken.In(t.Context())).silent(views.CPFTaken.In(t.Context()))
	}
}

func TestTheSecondPressOfAFormThatWorkedEndsInTheSamePlace(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.RateLimit = DefaultLimits })
	press := func(v *visitor, path string, form url.Values) { // with the cookies that the first press was sent with
		t.Helper()
		site, err := url.Parse(w.url)
		if err != nil {
			t.Fatal(err)
		}
		before := v.client.Jar.Cookies(site)
		first := v.post(path, form).want(http.StatusSeeOther).header.Get("Location")
		var cookies []string
		for _, c := range before {
			cookies = append(cookies, c.Name+"="+c.Value)
		}
		lost := w.visitor()
		second := lost.post(path, form, "Cookie", strings.Join(cookies, "; ")).leadsTo(first)
		if signs := []string{"/register", "/login", "/account/password", "/password/new"}; slices.Contains(signs, path) {
			lost.get("/account").want(http.StatusOK)
		}
		if !strings.Contains(strings.Join(second.header.Values("Set-Cookie"), "\n"), flashCookie) {
			t.Errorf("%s pressed twice: nothing is said", path)
		}
	}
	v := w.visitor()
	press(v, "/register", registration())
	press(v, "/login", url.Values{"email": {"ana@guiche.test"}, "password": {"correct horse"}})
	press(v, "/language", url.Values{"language": {"en"}, "next": {"/orders"}})
	press(v, "/account/password", url.Values{"current": {"correct horse"}, "password": {anotherPassword}})
	press(v, "/account/details", url.Values{"name": {"Ana Lúcia"}, "cpf": {"529.982.247-25"}})
	press(v, "/account/email", url.Values{"email": {"ana.lucia@guiche.test"}, "current": {anotherPassword}})
	v.get(w.newestLink(store.LinkEmail)).leadsTo("/email")
	press(v, "/email", nil)
	asking := w.visitor()
	press2 := func() { asking.asks("ana.lucia@guiche.test").leadsTo("/login") }
	press2()
	press2()
	asking.get(w.newestLink(store.LinkReset)).leadsTo("/password/new")
	press(asking, "/password/new", url.Values{"password": {"a third horse"}})
	press(asking, "/logout", nil)
	if n := w.value(`select count(*)::text from letters where kind in ('reset', 'email_new')`); n != "2" {
		t.Errorf("%s letters", n)
	}
	if n := w.value(`select count(*)::text from letters where kind = 'password_changed'`); n != "2" {
		t.Errorf("%s letters about the password", n)
	}
	// Somebody else with the used link, and without the password, gets nowhere.
	thief := w.visitor()
	thief.get(w.newestLink(store.LinkReset)).leadsTo("/password/new")
	thief.post("/password/new", url.Values{"password": {"a fourth horse"}}).want(http.StatusGone)
}

func TestAPersonCorrectsWhatSheTyped(t *testing.T) {
	w := newWorld(t)
	folder := w.startMail()
	v := w.visitor()
	v.post("/register", but(registration(), "email", "ana@guiche.tst")).want(http.StatusSeeOther)
	v.get("/account").says(`action="/account/details"`).says(`value="529.982.247-25"`).says(`action="/account/email"`)
	details := func(name, cpf string) answer {
		return v.post("/account/details", url.Values{"name": {name}, "cpf": {cpf}})
	}
	details("", "529.982.247-25").want(http.StatusUnprocessableEntity).says(views.NameMissing.In(t.Context()))
	details("Ana", "529.982.247-26").want(http.StatusUnprocessableEntity).says(views.CPFBad.In(t.Context()))
	details("  Ana\u200b Lu\u0301cia ", "111.444.777-35").leadsTo("/account")
	v.get("/account").says("Ana Lúcia").says(`value="111.444.777-35"`)
	email := func(email, current string) answer {
		return v.post("/account/email", url.Values{"email": {email}, "current": {current}})
	}
	email("ana@", "correct horse").want(http.StatusUnprocessableEntity).says(views.EmailBad.In(t.Context()))
	email("ANA@guiche.tst", "correct horse").want(http.StatusUnprocessableEntity).says(views.EmailSame.In(t.Context()))
	email("ana@guiche.test", "wrong horse").want(http.StatusUnprocessableEntity).says(views.PasswordNotThis.In(t.Context())).silent("wrong horse")
	email("Ana@guiche.test", "correct horse").leadsTo("/account")
	w.letter(folder, "ana@guiche.tst", "Pedido para trocar")
	link := linkIn(t, w.letter(folder, "ana@guiche.test", "Confirme seu novo"))
	v.get("/account").says("ana@guiche.tst") // nothing has happened yet
	mail := w.visitor()
	mail.get(link).leadsTo("/email")
	mail.get("/email").want(http.StatusOK).says("a•••@guiche.test")
	mail.post("/email", nil).leadsTo("/")
	v.get("/account").says("ana@guiche.test").silent(`action="/account/confirm"`)
	w.visitor().post("/login", url.Values{"email": {"ana@guiche.test"}, "password": {"correct horse"}}).want(http.StatusSeeOther)
	// Somebody else's e-mail is asked like any other, and never taken.
	bia := w.account(store.Fan)
	email(bia.Email, "correct horse").leadsTo("/account")
	mail.get(w.newestLink(store.LinkEmail)).leadsTo("/email")
	mail.post("/email", nil).want(http.StatusConflict)
	v.get("/account").says("ana@guiche.test")
	// What was sold to a CPF stays with it.
	id := v.join(w.createEvent(nil), 1)
	v.await(id, store.Reserved)
	details("Ana Luísa", "529.982.247-25").want(http.StatusConflict).says(views.CPFSold.In(t.Context()))
	details("Ana Luísa", "").leadsTo("/account")
	if a, err := w.DB.AccountByEmail(t.Context(), "ana@guiche.test"); err != nil || a.Name != "Ana Luísa" || a.CPF != "11144477735" {
		t.Errorf("the account is %+v, %v", a, err)
	}
}

func TestNobodysMailboxIsFilledByRegistering(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Letter, c.RateLimit.LetterAddress, c.RateLimit.Register = 2, 5, 100
	})
	register := func(email string) answer {
		return w.visitor().post("/register", but(registration(), "email", email))
	}
	register("ana+1@guiche.test").want(http.StatusSeeOther)
	register("ana+2@guiche.test").want(http.StatusSeeOther)
	register("ana+3@guiche.test").want(http.StatusTooManyRequests)
	register("ana@guiche.test").want(http.StatusSeeOther)
	register("bia@guiche.test").want(http.StatusSeeOther)
	register("eva@guiche.test").want(http.StatusTooManyRequests) // the address has had letters sent often enough
}

func TestAnAddressIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Address = 3
		c.ClientIPHeader = "Platform-Client-IP"
	})
	v := w.visitor()
	from := func(ip string) answer {
		return v.get("/login", "Platform-Client-IP", ip, "X-Forwarded-For", "198.51.100.1")
	}
	for range 3 {
		from("2001:db8::1").want(http.StatusOK)
	}
	if from("2001:db8::2").want(http.StatusTooManyRequests).header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	from("203.0.113.7").want(http.StatusOK)
	v.get("/healthz", "Platform-Client-IP", "2001:db8::1").want(http.StatusOK)
}

func TestWithoutAFreeSlotSigningInAsksToTryAgain(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	for range w.server.people.hashing.slots {
		leave, err := w.server.people.hashing.enter(t.Context(), source{})
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
	}
	page := w.visitor().post("/login", url.Values{"email": {a.Email}, "password": {testPassword}})
	page.want(http.StatusTooManyRequests).says(`value="` + a.Email + `"`)
	w.visitor().post("/register", registration()).want(http.StatusTooManyRequests).says("Ana@Guiche.test")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.server.people.hashing.hash(gone, source{}, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away waits: %v", err)
	}
}

func TestPeopleAreAskedToSignInInTheirOwnWay(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	v := w.visitor()
	buy := url.Values{"ticket_type": {itoa(e.Types[0].ID)}, "quantity": {"3"}, "order_id": {"x"}}
	back := "/events/" + e.Slug + "?quantity=3&ticket_type=" + itoa(e.Types[0].ID)
	v.post("/events/"+e.Slug+"/orders", buy).leadsTo("/login?next=" + url.QueryEscape(back))
	fan := w.fan()
	fan.get(back).want(http.StatusOK).says(`<option value="3" selected>`)
	v.get("/orders", "Accept", "application/json").want(http.StatusUnauthorized)
	v.get("/orders/"+"00000000-0000-4000-8000-000000000000"+"/events", "Accept", "text/event-stream").want(http.StatusUnauthorized)
	htmx := v.get("/tickets", "HX-Request", "true", "HX-Current-URL", w.url+"/events/"+e.Slug).want(http.StatusNoContent)
	if got := htmx.header.Get("HX-Redirect"); got != "/login?next="+url.QueryEscape("/events/"+e.Slug) {
		t.Errorf("htmx is led to %q", got)
	}
	v.post("/orders/00000000-0000-4000-8000-000000000000/pay", nil).leadsTo("/login?next=%2Forders%2F00000000-0000-4000-8000-000000000000")
}

func TestALanguageIsChosen(t *testing.T) {
	w := newWorld(t)
	v := w.fan()
	v.get("/").says(`lang="pt-BR"`)
	v.get("/", "Accept-Language", "en-US,en;q=0.9").says(`<html lang="en"`)
	v.post("/language", url.Values{"language": {"en"}, "next": {"/orders"}}).leadsTo("/orders")
	v.get("/orders").says(`<html lang="en"`).says("Now in English.")
	if a, err := w.DB.Account(t.Context(), v.account.ID); err != nil || a.Language != "en" {
		t.Errorf("the account speaks %q, %v", a.Language, err)
	}
	v.post("/language", url.Values{"language": {"xx"}}).want(http.StatusUnprocessableEntity)
	v.post("/language", url.Values{"language": {"en"}, "next": {`/\evil.test`}}).leadsTo("/")
	other := w.signedIn(v.account) // another browser of the same person
	other.get("/").says(`<html lang="en"`)
}

// nextOf is where a page's choice of language leads back to.
var nextOf = regexp.MustCompile(`action="/language"[^>]*><input type="hidden" name="next" value="([^"]*)"`)

func TestAChoiceOfLanguageStaysOnThePage(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	v, fan := w.visitor(), w.fan()
	event, bad := "/events/"+e.Slug, url.Values{"next": {"/tickets"}}
	for name, try := range map[string]struct {
		v    *visitor
		page answer
		want string
	}{
		"signing in":        {v, v.get("/login?next=%2Ftickets"), "/login?next=%2Ftickets"},
		"a wrong sign-in":   {v, v.post("/login", bad).want(http.StatusUnprocessableEntity), "/login?next=%2Ftickets"},
		"a bad registering": {v, v.post("/register", bad).want(http.StatusUnprocessableEntity), "/register?next=%2Ftickets"},
		"a bad order":       {fan, fan.post(event+"/orders", nil).want(http.StatusUnprocessableEntity), event},
	} {
		found := nextOf.FindStringSubmatch(try.page.body)
		if found == nil || html.UnescapeString(found[1]) != try.want {
			t.Errorf("%s: the language leads to %q, want %q", name, found, try.want)
			continue
		}
		try.v.post("/language", url.Values{"language": {"en"}, "next": {try.want}}).leadsTo(try.want)
		try.v.get(try.want).want(http.StatusOK).says(`<html lang="en"`)
	}
}
