package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// asks asks for a link to choose another password.
func (v *visitor) asks(email string) answer {
	v.w.T.Helper()
	return v.post("/password", url.Values{"email": {email}})
}

// newestLink is the newest link of an account, as a letter would carry it.
func (w *world) newestLink(purpose store.LinkPurpose) string {
	w.T.Helper()
	id := uuid.MustParse(w.value(`select id::text from account_links where purpose = $1 order by created_at desc limit 1`, purpose))
	links := w.server.people.links
	link := map[store.LinkPurpose]func(uuid.UUID) string{
		store.LinkConfirm: links.Confirm, store.LinkReset: links.Reset, store.LinkSignIn: links.SignIn, store.LinkEmail: links.Email,
	}[purpose]
	return strings.TrimPrefix(link(id), w.url)
}

const anotherPassword = "another horse"

func TestAForgottenPasswordIsReplaced(t *testing.T) {
	w := newWorld(t)
	folder := w.startMail()
	thief := w.fan()
	a := thief.account
	v := w.visitor()
	v.get("/login").says(`href="/password"`)
	v.asks(" " + strings.ToUpper(a.Email)).leadsTo("/login")
	v.get("/login").says(views.PasswordAsked.In(t.Context()))
	link := linkIn(t, w.letter(folder, a.Email, "senha"))
	opened := v.get(link).leadsTo("/password/new")
	if opened.header.Get("Referrer-Policy") != "no-referrer" || opened.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", opened.header)
	}
	v.get(link).leadsTo("/password/new") // a program opened it before
	token := strings.TrimPrefix(link, "/password/")
	v.get("/password/new").want(http.StatusOK).silent(token).says(views.MaskEmail(a.Email)).silent(a.Email)
	v.post("/password/new", url.Values{"password": {"short"}}).want(http.StatusUnprocessableEntity).silent(token).silent("short")
	thief.get("/orders").want(http.StatusOK) // nothing has happened yet
	v.post("/password/new", url.Values{"password": {anotherPassword}}).leadsTo("/")
	v.get("/orders").want(http.StatusOK).says(views.PasswordChanged.In(t.Context()))
	thief.get("/orders").leadsTo("/login?next=%2Forders")
	w.letter(folder, a.Email, "A sua senha foi trocada")
	login := func(password string) answer {
		return w.visitor().post("/login", url.Values{"email": {a.Email}, "password": {password}})
	}
	login(testPassword).want(http.StatusUnprocessableEntity)
	login(anotherPassword).want(http.StatusSeeOther)
	again := w.visitor()
	again.get(link).leadsTo("/password/new")
	again.get("/password/new").want(http.StatusGone).says(`href="/password"`)
	again.get(link).leadsTo("/password/new")
	again.post("/password/new", url.Values{"password": {"a third horse"}}).want(http.StatusGone)
	login(anotherPassword).want(http.StatusSeeOther)
	if now, err := w.DB.Account(t.Context(), a.ID); err != nil || now.ConfirmedAt.IsZero() {
		t.Errorf("the e-mail is not confirmed: %v", err)
	}
}

func TestAskingForAPasswordDoesNotTellWhoHasAnAccount(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	ask := func(email string) (posted, shown answer) {
		v := w.visitor()
		return v.asks(email), v.get("/login")
	}
	known, knownPage := ask(a.Email)
	nobody, nobodyPage := ask("x" + a.Email)
	for _, h := range []http.Header{known.header, nobody.header} {
		h.Del("X-Request-Id")
		h.Del("Date")
	}
	if known.status != nobody.status || known.body != nobody.body || len(known.header) != len(nobody.header) {
		t.Errorf("%d %v and %d %v", known.status, known.header, nobody.status, nobody.header)
	}
	for name := range known.header {
		if strings.Join(known.header[name], "\n") != strings.Join(nobody.header[name], "\n") {
			t.Errorf("%s: %q and %q", name, known.header[name], nobody.header[name])
		}
	}
	if dataNow.ReplaceAllString(knownPage.body, "") != dataNow.ReplaceAllString(nobodyPage.body, "") {
		t.Error("the pages differ")
	}
	// The same is written for both, so that it takes as long.
	if n := w.value(`select count(*)::text from letters l join account_links k on k.id = l.subject where l.kind = 'reset'`); n != "2" {
		t.Errorf("%s letters", n)
	}
}

func TestAskingForAPasswordIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.LetterAddress = 8
	})
	a := w.account(store.Fan)
	for range 3 { // whoever asks, she is told the same and gets one letter
		w.visitor().asks(a.Email).leadsTo("/login")
		w.visitor().asks("Nobody@Guiche.test").leadsTo("/login")
	}
	letters := func(want string) {
		t.Helper()
		if n := w.value(`select count(*)::text from letters where kind = 'reset'`); n != want {
			t.Errorf("%s letters, want %s", n, want)
		}
	}
	letters("2")
	w.set(`update account_links set created_at = now() - interval '11 minutes'`)
	w.visitor().asks(a.Email).leadsTo("/login")
	letters("3")
	w.set(`update account_links set used_at = now()`) // what was used is of no use to her
	w.visitor().asks(a.Email).leadsTo("/login")
	letters("4")
	page := w.visitor().asks("Eva@guiche.test").want(http.StatusTooManyRequests).says(`value="Eva@guiche.test"`) // the address has asked often enough
	if page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	for _, key := range w.Redis.Keys(t.Context(), "*").Val() {
		if strings.Contains(key, "guiche.test") {
			t.Errorf("an e-mail in the key %q", key)
		}
	}
}

func TestBadEmailsGetNoLetter(t *testing.T) {
	w := newWorld(t)
	for _, email := range []string{"", "ana", "ana@", "Ana <ana@guiche.test>", "ana@guiche.test\r\nBcc: eva@guiche.test", strings.Repeat("a", 300) + "@guiche.test"} {
		w.visitor().asks(email).want(http.StatusUnprocessableEntity).says(views.EmailBad.In(t.Context()))
	}
	w.visitor().post("/password", url.Values{"email": {"\xff"}}).want(http.StatusUnprocessableEntity)
}

func TestLinksThatServeNoMore(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	reset := func() string {
		w.set(`update account_links set created_at = created_at - interval '11 minutes' where purpose = 'reset'`)
		w.visitor().asks(a.Email).want(http.StatusSeeOther)
		return w.newestLink(store.LinkReset)
	}
	good := reset()
	spent := func(name string, path string) {
		v := w.visitor()
		page := v.get(path)
		if page.status == http.StatusSeeOther {
			page = v.get(page.header.Get("Location"))
		}
		page.what = name
		page.want(http.StatusGone).says(`class="do"`)
		v.post("/password/new", url.Values{"password": {anotherPassword}}).want(http.StatusGone)
		v.post("/confirm", nil).want(http.StatusGone)
	}
	spent("changed", good[:20]+"A"+good[21:len(good)-1]+"_")
	spent("cut", good[:len(good)-3])
	spent("nothing", "/password/x")
	spent("no text", "/password/%ff%00")
	spent("no link opened", "/password/new")
	spent("of another kind", strings.Replace(w.newestLink(store.LinkConfirm), "/confirm/", "/password/", 1))
	spent("of another kind", strings.Replace(good, "/password/", "/confirm/", 1))
	w.set(`update account_links set expires_at = now() where purpose = 'reset'`)
	spent("too old", good)
	older, newer := reset(), reset()
	v := w.visitor()
	v.get(newer).want(http.StatusSeeOther)
	v.post("/password/new", url.Values{"password": {anotherPassword}}).leadsTo("/")
	spent("from before the password was replaced", older)
}

func TestNoLogHoldsALinkOrAnAddress(t *testing.T) {
	var said bytes.Buffer
	w := newWorld(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	a := w.account(store.Fan)
	v := w.visitor()
	v.asks(a.Email).want(http.StatusSeeOther)
	link := w.newestLink(store.LinkReset)
	v.get(link).want(http.StatusSeeOther)
	v.post("/password/new", url.Values{"password": {anotherPassword}}).leadsTo("/")
	v.get(link).want(http.StatusSeeOther)
	v.get("/password/new").want(http.StatusGone)
	w.stopWeb()
	if token := strings.TrimPrefix(link, "/password/"); strings.Contains(said.String(), token) {
		t.Error("the log holds a link")
	}
	for _, secret := range []string{a.Email, anotherPassword} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
	if !strings.Contains(said.String(), "/password/:token") {
		t.Error("the log holds nothing at all")
	}
}

func TestAChangedPasswordEndsOtherSessions(t *testing.T) {
	w := newWorld(t)
	v := w.fan()
	other := w.signedIn(v.account)
	stranger := w.fan()
	change := func(current, password string) answer {
		return v.post("/account/password", url.Values{"current": {current}, "password": {password}})
	}
	change("", anotherPassword).want(http.StatusUnprocessableEntity).says(views.Missing.In(t.Context()))
	change(testPassword, "short").want(http.StatusUnprocessableEntity)
	change("wrong horse", anotherPassword).want(http.StatusUnprocessableEntity).says(views.PasswordNotThis.In(t.Context())).silent("wrong horse")
	other.get("/account").want(http.StatusOK)
	change(testPassword, anotherPassword).leadsTo("/account")
	v.get("/account").want(http.StatusOK).says(views.PasswordChanged.In(t.Context()))
	other.get("/account").leadsTo("/login?next=%2Faccount")
	stranger.get("/account").want(http.StatusOK)
	w.visitor().get("/account").leadsTo("/login?next=%2Faccount")
	if a, err := w.DB.Account(t.Context(), v.account.ID); err != nil || !a.ConfirmedAt.IsZero() {
		t.Errorf("a changed password confirmed the e-mail: %v", err)
	}
}

func TestGuessingTheCurrentPasswordIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Login = 2
	})
	v := w.fan()
	wrong := url.Values{"current": {"wrong horse"}, "password": {anotherPassword}}
	v.post("/account/password", wrong).want(http.StatusUnprocessableEntity)
	v.post("/account/email", url.Values{"email": {"x@guiche.test"}, "current": {"wrong horse"}}).want(http.StatusUnprocessableEntity)
	if v.post("/account/password", wrong).want(http.StatusTooManyRequests).header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestWhoeverSignsInWhileThePasswordIsReplacedIsNotLetIn(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	old := a
	hash, err := HashPassword(anotherPassword)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.ChangePassword(t.Context(), a.ID, a.PasswordHash, hash); err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	c := w.server.echo.NewContext(httptest.NewRequest(http.MethodPost, "/login", nil), recorder)
	if err := w.server.sessions.signIn(c, old); err == nil {
		t.Error("signed in with a password that was replaced")
	}
	if cookies := recorder.Header().Values("Set-Cookie"); len(cookies) != 0 {
		t.Errorf("cookies %v", cookies)
	}
	if n := len(w.Redis.Keys(t.Context(), sessionPrefix+"*").Val()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestAnAccountHasSoManySessionsAndNoMore(t *testing.T) {
	w := newWorld(t)
	a := w.account(store.Fan)
	ctx := t.Context()
	for i := range mostSessions + 5 {
		token := "token-" + strconv.Itoa(i)
		w.Redis.Set(ctx, sessionPrefix+sessionID(token), "x", time.Hour)
		if err := w.server.sessions.listSession(ctx, a.ID, token); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.Redis.Keys(ctx, sessionPrefix+"*").Val()); n != mostSessions {
		t.Errorf("%d sessions", n)
	}
	if err := w.server.sessions.endSessions(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	if left := w.Redis.Keys(ctx, "*ses*ion*").Val(); len(left) != 1 || left[0] != endedKey {
		t.Errorf("left: %v", left)
	}
}

func TestAnEmailIsConfirmedByItsLetter(t *testing.T) {
	w := newWorld(t)
	folder := w.startMail()
	v := w.visitor()
	v.post("/register", registration()).leadsTo("/")
	v.get("/account").want(http.StatusOK).says("ana@guiche.test").says(`action="/account/confirm"`)
	first := linkIn(t, w.letter(folder, "ana@guiche.test", "Confirme"))
	v.post("/account/confirm", nil).leadsTo("/account")
	second := first
	w.Eventually("the letter comes again", func() bool {
		second = linkIn(t, w.letter(folder, "ana@guiche.test", "Confirme"))
		return second != first
	})
	mail := w.visitor() // where she reads her mail she is not signed in
	mail.get(first).leadsTo("/confirm")
	mail.get("/confirm").want(http.StatusOK).says(`action="/confirm"`).silent(strings.TrimPrefix(first, "/confirm/"))
	v.get("/account").says(`action="/account/confirm"`) // opening the link is not enough
	mail.post("/confirm", nil).leadsTo("/")
	mail.get("/").says(views.EmailConfirmed.In(t.Context()))
	v.get("/account").want(http.StatusOK).silent(`action="/account/confirm"`)
	for _, link := range []string{first, second} {
		mail.get(link).leadsTo("/confirm")
		mail.get("/confirm").leadsTo("/") // it is done
		mail.get(link).leadsTo("/confirm")
		mail.post("/confirm", nil).leadsTo("/")
	}
	v.post("/account/confirm", nil).leadsTo("/account")
	v.get("/account").says(views.EmailConfirmed.In(t.Context()))
}

func TestConfirmingAgainIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Letter = 1
	})
	v := w.fan()
	v.post("/account/confirm", nil).leadsTo("/account")
	if v.post("/account/confirm", nil).want(http.StatusTooManyRequests).header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestWhoHasNotConfirmedCanBuy(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	v := w.visitor()
	v.post("/register", registration()).leadsTo("/")
	v.await(v.join(e, 1), store.Reserved)
}

func TestOtherSitesChangeNoPassword(t *testing.T) {
	w := newWorld(t)
	v := w.fan()
	for _, path := range []string{"/password", "/password/new", "/confirm", "/account/password", "/account/confirm"} {
		v.post(path, url.Values{"email": {v.account.Email}, "password": {anotherPassword}}, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	}
}

func TestAChoiceOfLanguageStaysOnThePagesOfPasswords(t *testing.T) {
	w := newWorld(t)
	v := w.fan()
	v.asks(v.account.Email).want(http.StatusSeeOther)
	v.get(w.newestLink(store.LinkReset)).leadsTo("/password/new")
	short := url.Values{"current": {"x"}, "password": {"x"}}
	for path, page := range map[string]answer{
		"/password":     v.post("/password", nil).want(http.StatusUnprocessableEntity),
		"/password/new": v.post("/password/new", short).want(http.StatusUnprocessableEntity),
		"/account":      v.post("/account/password", short).want(http.StatusUnprocessableEntity),
	} {
		if found := nextOf.FindStringSubmatch(page.body); found == nil || found[1] != path {
			t.Errorf("%s: the language leads to %q", path, found)
		}
	}
	if next := safeNext("/password/new"); next != "/" {
		t.Errorf("signing in leads to %s", next)
	}
}
