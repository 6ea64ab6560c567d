package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// endSignIn ends what a browser was signed in by, and leaves it everything else.
func endSignIn(v *visitor) {
	v.w.T.Helper()
	at, err := url.Parse(v.w.url)
	if err != nil {
		v.w.T.Fatal(err)
	}
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "guiche", Value: "ended", Path: "/"}})
}

// signInAgain fills in the sign-in page that an answer leads to, and returns where that leads.
func signInAgain(a answer, v *visitor) string {
	v.w.T.Helper()
	login := a.want(http.StatusSeeOther).header.Get("Location")
	at, err := url.Parse(login)
	if err != nil || at.Path != "/login" {
		v.w.T.Fatalf("%s leads to %q, want the sign-in page", a.what, login)
	}
	v.get(login).want(http.StatusOK)
	return v.post("/login", url.Values{"email": {v.account.Email}, "password": {testPassword}, "next": {at.Query().Get("next")}}).
		want(http.StatusSeeOther).header.Get("Location")
}

// nothingSaved is the sentence, escaped as in a page.
const nothingSaved = "Nothing was saved yet"

func TestAnAdminWhoseSignInEndedFindsHerFormAsTyped(t *testing.T) {
	w := newWorld(t)
	event := w.createEvent(nil, store.TicketType{Name: "Pista", Capacity: 100})
	kind, admin := itoa(event.Types[0].ID), w.signedIn(w.admin)
	fan := w.fan()
	order := fan.join(event, 1)
	fan.await(order, store.Paid)
	long := strings.Repeat("Uma noite de lua cheia, com ção e 月. ", 250)
	db := w.Raw
	everything := func() string {
		var text string
		if err := db.QueryRowContext(t.Context(), `select
			(select json_agg(e order by id)::text from events e) || (select json_agg(t order by id)::text from ticket_types t)
			|| (select count(*) from admin_log) || (select count(*) from refunds) || (select count(*) from capacity_changes)`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := everything()
	for _, c := range []struct {
		path string
		form url.Values
		says []string
	}{
		{"/admin/events", url.Values{"name": {"Baile <novo>"}, "slug": {"baile-novo"}, "description": {long}, "form_id": {uuid.NewString()}}, []string{"Baile &lt;novo&gt;", "baile-novo", strings.TrimSpace(long)}},
		{"/admin/events/" + itoa(event.ID), url.Values{"name": {"Baile de outro dia"}, "starts_at": {"2031-05-06T21:30"}}, []string{"Baile de outro dia", "2031-05-06T21:30"}},
		{"/admin/events/" + itoa(event.ID) + "/cancel", url.Values{"name": {event.Name}}, []string{`value="` + event.Name + `"`}},
		{"/admin/events/" + itoa(event.ID) + "/types", url.Values{"name": {"Camarote"}, "price": {"12,50"}, "fee": {"1"}, "capacity": {"7"}}, []string{"Camarote", "12,50"}},
		{"/admin/types/" + kind, url.Values{"name": {"Pista alta"}, "price": {"77,00"}, "fee": {"1"}, "position": {"1"}}, []string{"Pista alta", "77,00"}},
		{"/admin/types/" + kind + "/capacity", url.Values{"capacity": {"4321"}}, []string{`value="4321"`}},
		{"/admin/orders/" + order.String() + "/refunds", url.Values{"refund_id": {uuid.NewString()}, "note": {"paid twice"}, "amount": {"3,21"}}, []string{"paid twice", "3,21"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			endSignIn(admin)
			sent := admin.post(c.path, c.form, "Accept-Language", "en")
			to := signInAgain(sent, admin)
			for range 2 { // a reload shows it again
				page := admin.get(to, "Accept-Language", "en").want(http.StatusOK).says(nothingSaved)
				for _, text := range c.says {
					page.says(text)
				}
			}
			if after := everything(); after != before {
				t.Fatalf("showing the form changed something:\n%s\n%s", before, after)
			}
		})
	}
	admin.post("/admin/types/"+kind+"/capacity", url.Values{"capacity": {"4321"}}).want(http.StatusSeeOther)
	admin.get(keptPath).leadsTo("/")

	// Sent from where it was kept, and Back: it is not called lost.
	endSignIn(admin)
	form, path := url.Values{"name": {event.Name}}, adminEventPath(event.ID)
	admin.get(signInAgain(admin.post(path+"/cancel", form), admin)).want(http.StatusOK).says(event.Name)
	admin.post(path+"/cancel", form).leadsTo(path)
	for range 2 {
		admin.get(keptPath).leadsTo(path)
	}
	admin.get(path).want(http.StatusOK).says(said(views.FormSent))
}

func TestWhoIsNoAdminIsToldNothingOfItsForms(t *testing.T) {
	w := newWorld(t)
	event := w.createEvent(nil)
	admin := w.signedIn(w.admin)
	form, path := url.Values{"name": {"x"}}, "/admin/events/"+itoa(event.ID)
	w.visitor().post(path, form).want(http.StatusNotFound)
	fan := w.fan()
	fan.post(path, form).want(http.StatusNotFound)
	endSignIn(fan)
	fan.post(path, form).want(http.StatusNotFound)
	forged := w.visitor()
	at, _ := url.Parse(w.url)
	forged.client.Jar.SetCookies(at, []*http.Cookie{{Name: "guiche-admin", Value: itoa(w.admin.ID) + ".AAAAAAAAAAAAAAAAAAAAAA", Path: "/"}})
	forged.post(path, form).want(http.StatusNotFound)

	endSignIn(admin)
	admin.post(path, form, "Accept", "application/json").want(http.StatusUnauthorized)
	admin.post(path+"/pause", nil).leadsTo("/login?" + url.Values{"next": {path}}.Encode())
	admin.get(path + "/edit").leadsTo("/login?" + url.Values{"next": {path + "/edit"}}.Encode())
	if _, err := w.Raw.ExecContext(t.Context(), `update accounts set role = 'fan' where id = $1`, w.admin.ID); err != nil {
		t.Fatal(err)
	}
	admin.post(path, form).want(http.StatusNotFound)
}

func TestAFanWhoseSignInEndedFindsHerAccountFormsAsTyped(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	for path, form := range map[string]url.Values{
		"/account/details": {"name": {"Ana Beatriz Ñandú"}, "cpf": {"529.982.247-25"}},
		"/account/email":   {"email": {"new@guiche.test"}, "current": {"a wrong secret"}},
	} {
		endSignIn(fan)
		sent := fan.post(path, form)
		if strings.Contains(sent.header.Get("Location"), "529") || strings.Contains(strings.Join(sent.header.Values("Set-Cookie"), " "), "529") {
			t.Fatalf("%s: personal data in sight: %v", path, sent.header)
		}
		page := fan.get(signInAgain(sent, fan), "Accept-Language", "en").want(http.StatusOK).says(nothingSaved).silent("a wrong secret")
		for name, v := range form {
			if name != "current" {
				page.says(v[0])
			}
		}
	}
	if a, err := w.DB.Account(t.Context(), fan.account.ID); err != nil || a.Name != fan.account.Name || a.Email != fan.account.Email {
		t.Fatalf("the account was changed: %v %v", a, err)
	}
}
