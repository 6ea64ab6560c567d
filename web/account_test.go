package web

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

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
	v.post("/logout", nil).leadsTo("/login?next=%2F")
	v.post("/login", url.Values{"email": {" ANA@guiche.test "}, "password": {"correct horse"}, "next": {"//evil.test"}}).leadsTo("/")
	v.get("/orders").want(http.StatusOK)
}

func TestRegisteringSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.visitor().post("/register", registration()).want(http.StatusSeeOther)
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

func TestRegisteringIsLimited(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.RateLimit = DefaultLimits
		c.RateLimit.Register = 1
	})
	w.visitor().post("/register", registration()).want(http.StatusSeeOther)
	w.visitor().post("/register", but(registration(), "email", "bia@guiche.test")).
		want(http.StatusTooManyRequests).says(`value="bia@guiche.test"`)
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
	for range cap(w.server.people.hashing.slots) {
		leave, err := w.server.people.hashing.enter(t.Context())
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
	if _, err := w.server.people.hashing.hash(gone, "x"); !errors.Is(err, context.Canceled) {
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
