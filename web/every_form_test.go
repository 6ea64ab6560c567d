package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// press is a form of the site, filled in and about to be sent.
type press struct {
	v    *visitor
	path string
	form url.Values
	made string // a query for what has to be made once, by $1
	of   any    // $1
}

// everyForm has each form of the site, as somebody who opened its page fills it in.
var everyForm = map[string]func(t *testing.T, w *world) press{
	"/register": func(_ *testing.T, w *world) press {
		email := uuid.NewString() + "@guiche.test"
		return press{w.visitor(), "/register", but(registration(), "email", email), `select count(*) from accounts a join letters l on l.account_id = a.id where email = $1`, email}
	},
	"/login": func(_ *testing.T, w *world) press {
		return press{v: w.visitor(), path: "/login", form: url.Values{"email": {w.account(store.Fan).Email}, "password": {testPassword}}}
	},
	"/logout": func(_ *testing.T, w *world) press { return press{v: w.fan(), path: "/logout"} },
	"/password": func(_ *testing.T, w *world) press {
		return press{v: w.visitor(), path: "/password", form: url.Values{"email": {w.account(store.Fan).Email}}}
	},
	"/password/new": func(_ *testing.T, w *world) press {
		a, v := w.account(store.Fan), w.visitor()
		v.asks(a.Email)
		v.get(w.newestLink(store.LinkReset)).leadsTo("/password/new")
		return press{v, "/password/new", url.Values{"password": {anotherPassword}}, `select count(*) from letters where account_id = $1 and kind = 'password_changed'`, a.ID}
	},
	"/confirm": func(_ *testing.T, w *world) press {
		v := w.fan()
		v.post("/account/confirm", nil).want(http.StatusSeeOther)
		v.get(w.newestLink(store.LinkConfirm)).leadsTo("/confirm")
		return press{v, "/confirm", nil, `select count(confirmed_at) from accounts where id = $1`, v.account.ID}
	},
	"/login/link": func(_ *testing.T, w *world) press {
		a, v := w.account(store.Fan), w.visitor()
		if err := w.DB.OweSignIn(w.Ctx, a.Email, ""); err != nil {
			w.T.Fatal(err)
		}
		v.get(w.newestLink(store.LinkSignIn)).leadsTo("/login/link")
		return press{v: v, path: "/login/link"}
	},
	"/email": func(_ *testing.T, w *world) press {
		v, email := w.fan(), uuid.NewString()+"@guiche.test"
		v.post("/account/email", url.Values{"email": {email}, "current": {testPassword}}).want(http.StatusSeeOther)
		v.get(w.newestLink(store.LinkEmail)).leadsTo("/email")
		return press{v, "/email", nil, `select count(*) from accounts where email = $1`, email}
	},
	"/language": func(_ *testing.T, w *world) press {
		return press{v: w.visitor(), path: "/language", form: url.Values{"language": {"en"}, "next": {"/login"}}}
	},
	"/account/password": func(_ *testing.T, w *world) press {
		v := w.fan()
		return press{v, "/account/password", url.Values{"current": {testPassword}, "password": {anotherPassword}}, `select count(*) from letters where account_id = $1 and kind = 'password_changed'`, v.account.ID}
	},
	"/account/confirm": func(_ *testing.T, w *world) press { return press{v: w.fan(), path: "/account/confirm"} },
	"/account/details": func(_ *testing.T, w *world) press {
		v := w.fan()
		return press{v, "/account/details", url.Values{"name": {"Ana Lúcia"}, "cpf": {""}}, `select count(*) from accounts where id = $1 and name = 'Ana Lúcia'`, v.account.ID}
	},
	"/account/email": func(_ *testing.T, w *world) press {
		v := w.fan()
		return press{v, "/account/email", url.Values{"email": {uuid.NewString() + "@guiche.test"}, "current": {testPassword}}, `select count(*) from letters where account_id = $1 and kind = 'email_new'`, v.account.ID}
	},
	"/account/claim": func(_ *testing.T, w *world) press {
		v, cpf := w.claims()
		return press{v, "/account/claim", url.Values{"cpf": {cpf}}, `select count(*) from cpf_claims where account_id = $1`, v.account.ID}
	},
	"/admin/claims/:id": func(_ *testing.T, w *world) press {
		v, cpf := w.claims()
		v.post("/account/claim", url.Values{"cpf": {cpf}}).leadsTo("/account")
		path := "/admin/claims/" + w.value(`select id::text from cpf_claims where account_id = $1`, v.account.ID)
		return press{w.signedIn(w.admin), path, url.Values{"decision": {"give"}, "note": {"x"}}, `select count(*) from letters where account_id = $1 and kind = 'cpf_given'`, v.account.ID}
	},
	"/events/:slug/orders": func(_ *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.fan()
		return press{v, "/events/" + e.Slug + "/orders", v.filled(e, e.Types[0].ID, "2"), `select count(*) from orders where event_id = $1`, e.ID}
	},
	"/orders/:id/pay": func(_ *testing.T, w *world) press {
		v := w.fan()
		id := v.reserve(w.createEvent(nil), 1)
		return press{v, "/orders/" + id.String() + "/pay", nil, `select count(*) from charges where order_id = $1`, id}
	},
	"/orders/:id/extend": func(_ *testing.T, w *world) press {
		v := w.fan()
		id := v.reserve(w.createEvent(nil), 1)
		return press{v, "/orders/" + id.String() + "/extend", nil, `select count(*) from orders where id = $1 and extended and reserved_until = decided_at + interval '900 seconds'`, id}
	},
	"/orders/:id/leave": func(_ *testing.T, w *world) press {
		v := w.fan()
		id := v.reserve(w.createEvent(nil), 1)
		return press{v: v, path: "/orders/" + id.String() + "/leave"}
	},
	"/orders/:id/refunds": func(_ *testing.T, w *world) press {
		v := w.fan()
		o := v.buy(w.createEvent(nil), 2)
		path := "/orders/" + o.ID.String() + "/refunds"
		form := v.get(path + "?confirm=yes&ticket=" + itoa(o.Tickets[0].ID)).confirmation()
		return press{v, path, form, `select count(*) from refunds where order_id = $1`, o.ID}
	},
	"/admin/events": func(t *testing.T, w *world) press {
		v := w.signedIn(w.admin)
		form := opened(t, v.get("/admin/events/new"), "/admin/events")
		for name, value := range eventTyped() {
			form.Set(name, value)
		}
		form.Set("slug", "show-"+uuid.NewString()[:8])
		return press{v, "/admin/events", form, `select count(*) from events where slug = $1`, form.Get("slug")}
	},
	"/admin/events/:id": func(t *testing.T, w *world) press {
		v, path := w.signedIn(w.admin), adminEventPath(w.createEvent(nil).ID)
		return press{v: v, path: path, form: but(opened(t, v.get(path+"/edit"), path), "venue", "Outro clube")}
	},
	"/admin/events/:id/publish": func(t *testing.T, w *world) press {
		e, v := w.createDraft(nil), w.signedIn(w.admin)
		path := adminEventPath(e.ID)
		return press{v, path + "/publish", opened(t, v.get(path), path+"/publish"), logged, e.ID}
	},
	"/admin/events/:id/pause": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := adminEventPath(e.ID)
		return press{v: v, path: path + "/pause", form: opened(t, v.get(path), path+"/pause")}
	},
	"/admin/events/:id/resume": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := adminEventPath(e.ID)
		v.post(path+"/pause", nil).want(http.StatusSeeOther)
		return press{v: v, path: path + "/resume", form: opened(t, v.get(path), path+"/resume")}
	},
	"/admin/events/:id/cancel": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := adminEventPath(e.ID) + "/cancel"
		return press{v, path, but(opened(t, v.get(path), path), "name", e.Name), `select count(cancelled_at) from events where id = $1`, e.ID}
	},
	"/admin/events/:id/types": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := adminEventPath(e.ID)
		form := opened(t, v.get(path), path+"/types")
		for name, value := range map[string]string{"name": "Camarote", "price": "10", "fee": "0", "capacity": "50"} {
			form.Set(name, value)
		}
		return press{v, path + "/types", form, `select count(*) from ticket_types where event_id = $1 and name = 'Camarote'`, e.ID}
	},
	"/admin/types/:id": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := "/admin/types/" + itoa(e.Types[0].ID)
		return press{v: v, path: path, form: but(opened(t, v.get(adminEventPath(e.ID)), path), "price", "25")}
	},
	"/admin/types/:id/capacity": func(t *testing.T, w *world) press {
		e, v := w.createEvent(nil), w.signedIn(w.admin)
		path := "/admin/types/" + itoa(e.Types[0].ID) + "/capacity"
		return press{v: v, path: path, form: but(opened(t, v.get(adminEventPath(e.ID)), path), "capacity", "70")}
	},
	"/admin/orders/:id/refunds": func(_ *testing.T, w *world) press {
		v := w.signedIn(w.admin)
		o := w.fan().buy(w.createEvent(nil), 2)
		path := "/admin/orders/" + o.ID.String()
		form := url.Values{"refund_id": {v.get(path).hiddenID()}, "note": {"x"}, "ticket": {itoa(o.Tickets[0].ID)}}
		return press{v, path + "/refunds", form, `select count(*) from refunds where order_id = $1`, o.ID}
	},
	"/admin/refunds/:id/retry": func(_ *testing.T, w *world) press {
		r := w.refused()
		return press{v: w.signedIn(w.admin), path: "/admin/refunds/" + r.String() + "/retry"}
	},
	"/admin/refunds/:id/settle": func(_ *testing.T, w *world) press {
		r := w.refused()
		return press{w.signedIn(w.admin), "/admin/refunds/" + r.String() + "/settle", url.Values{"note": {"x"}}, `select count(*) from ledger where refund_id = $1 and kind = 'refund_outside'`, r}
	},
}

// logged counts the lines that the admin log has of an event's publication.
const logged = `select count(*) from admin_log where action = 'event.publish' and subject = 'event ' || $1::bigint`

// claims is somebody who may ask for a CPF that another account has.
func (w *world) claims() (v *visitor, cpf string) {
	w.T.Helper()
	cpf = w.value(`select (100000000 + count(*))::text from accounts`)
	cpf += string(cpfCheck(cpf))
	cpf += string(cpfCheck(cpf))
	holder, v := w.account(store.Fan), w.fan()
	w.set(`update accounts set confirmed_at = now(), cpf = case when id = $1 then $2 end where id in ($1, $3)`, holder.ID, cpf, v.account.ID)
	return v, cpf
}

// refused is a refund that the gateway refused.
func (w *world) refused() uuid.UUID {
	w.T.Helper()
	o := w.fan().buy(w.createEvent(nil), 1)
	w.set(`insert into refunds (order_id, charge_id, reason, account_id, quantity, amount_cents, fee_cents, status, released_at)
		values ($1, $2, 'admin', $3, 0, 100, 0, 'refused', now())`, o.ID, o.Charge.ID, w.admin.ID)
	w.set(`insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
		select $2, order_id, 'sandbox', charge_id, id, 'refund_owed', 100, 'BRL' from refunds where order_id = $1`, o.ID, o.EventID)
	return w.order(o.ID).Refunds[0].ID
}

// outcome is what a browser makes of an answer: where it goes, and what it is told there.
func (a answer) outcome() string {
	a.t.Helper()
	to := a.want(http.StatusSeeOther).header.Get("Location")
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == flashCookie && c.MaxAge >= 0 {
			to += " and says " + c.Value
		}
	}
	return to
}

// cookies are those that a browser would send, as a header.
func (v *visitor) cookies() string {
	v.w.T.Helper()
	site, err := url.Parse(v.w.url)
	if err != nil {
		v.w.T.Fatal(err)
	}
	var all []string
	for _, c := range v.client.Jar.Cookies(site) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

func TestEveryFormThatIsSentTwiceIsAnsweredAsTheFirst(t *testing.T) {
	ways := map[string]func(w *world, p press) (first, second answer){
		"at once": func(w *world, p press) (first, second answer) {
			cookies := p.v.cookies()
			var both sync.WaitGroup
			for _, a := range []*answer{&first, &second} {
				both.Go(func() {
					var err error
					if *a, err = w.visitor().try(http.MethodPost, p.path, p.form.Encode(), "Cookie", cookies, "Content-Type", formType); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			return first, second
		},
		"in a row, the first answer lost": func(w *world, p press) (first, second answer) {
			cookies := p.v.cookies()
			return p.v.post(p.path, p.form), w.visitor().post(p.path, p.form, "Cookie", cookies)
		},
		"after Back": func(_ *world, p press) (first, second answer) {
			first = p.v.post(p.path, p.form)
			if to := first.header.Get("Location"); strings.HasPrefix(to, "/") {
				p.v.get(to)
			}
			return first, p.v.post(p.path, p.form)
		},
	}
	inShops(t, everyForm, func(t *testing.T, w *world, route string, fill func(*testing.T, *world) press) {
		for way, send := range ways {
			t.Run(strings.TrimPrefix(route, "/")+" "+way, func(t *testing.T) {
				p := fill(t, w)
				first, second := send(w, p)
				first.t, second.t = t, t
				if a, b := first.outcome(), second.outcome(); a != b {
					t.Errorf("the first leads to %s, the second to %s", a, b)
				}
				if p.made == "" {
					return
				}
				w.Eventually("it is made", func() bool { return w.count(p.made, p.of) > 0 })
				if n := w.count(p.made, p.of); n != 1 {
					t.Errorf("made %d times", n)
				}
			})
		}
	})
}

// inShops does something for each row of a table, in some shops side by side: most of what a form does is waiting.
func inShops[T any](t *testing.T, table map[string]T, do func(t *testing.T, w *world, name string, row T)) {
	if testing.Short() {
		t.Skip("all forms in all ways are slow")
	}
	const shops = 4
	names := slices.Sorted(maps.Keys(table))
	for shop := range shops {
		t.Run(fmt.Sprintf("shop %d", shop+1), func(t *testing.T) {
			w := newWorld(t)
			for i := shop; i < len(names); i += shops {
				do(t, w, names[i], table[names[i]])
			}
			w.audited()
		})
	}
}

// formType is how browsers send forms.
const formType = "application/x-www-form-urlencoded"

func TestEveryFormOfTheSiteIsAmongThem(t *testing.T) {
	w := newWorld(t)
	var all []string
	for _, r := range w.server.echo.Routes() {
		if r.Method == http.MethodPost && r.Path != "/webhooks/:gateway" { // which no person sends
			all = append(all, r.Path)
		}
	}
	for _, path := range all {
		if everyForm[path] == nil {
			t.Errorf("nobody sends %s twice", path)
		}
	}
	for path := range everyForm {
		if !slices.Contains(all, path) {
			t.Errorf("%s is no form of the site", path)
		}
	}
}
