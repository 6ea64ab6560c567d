package web

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"guiche/store"
)

// typedTexts are what people and scripts type or paste into fields.
var typedTexts = map[string]string{
	"nothing":               "",
	"spaces":                " \t\u00a0\u3000 ",
	"nothing that is seen":  "\u200b\u2060\ufeff\u00ad",
	"markup":                `<script>alert(1)</script>`,
	"quotes and ampersands": `"'><b>&amp;&`,
	"lines":                 "uma\r\nBcc: eu@evil.test\r\n\r\noutra",
	"turned around":         "\u202e001 \u2066$R",
	"a formula":             `=HYPERLINK("http://evil.test","x")`,
	"composed apart":        "Sa\u0303o Joa\u0303o",
	"piled marks":           "A" + strings.Repeat("\u0301", 40),
	"other scripts":         "李小龙 محمد Ωμέγα",
	"emoji":                 "Rock 🎸👩\u200d🎤",
	"a NUL and a bell":      "a\x00b\x07c",
	"no UTF-8":              "caf\xe9 \xff\xfe \xed\xa0\x80",
	"a template":            "{{.Email}} ${x} %s %00 \\",
	"numbers of elsewhere":  "١٢٣ 1e3 0x10 -1 1,5,0 ９９",
	"a long one":            strings.Repeat("muito ", 4000),
}

// typedFields are the fields of each form that people type into, and what else the form has to say.
var typedFields = map[string][]string{
	"/register":                 {"name", "email", "cpf", "password", "next"},
	"/login":                    {"email", "password", "next"},
	"/password":                 {"email"},
	"/password/new":             {"password"},
	"/language":                 {"language", "next"},
	"/account/password":         {"current", "password"},
	"/account/details":          {"name", "cpf"},
	"/account/email":            {"email", "current"},
	"/account/claim":            {"cpf"},
	"/admin/claims/:id":         {"note", "decision"},
	"/events/:slug/orders":      {"ticket_type", "quantity", "order_id", "keep"},
	"/orders/:id/pay":           {"method"},
	"/orders/:id/refunds":       {"ticket", "all", "amount", "confirm"},
	"/admin/events":             {"name", "slug", "description", "venue", "city", "time_zone", "starts_at", "sale_starts_at", "sale_ends_at", "currency", "per_person", "hold_seconds", "refund_days", "form_id"},
	"/admin/events/:id":         {"name", "slug", "description", "venue", "city", "time_zone", "starts_at", "currency", "per_person", "hold_seconds", "seen"},
	"/admin/events/:id/cancel":  {"name"},
	"/admin/events/:id/types":   {"name", "description", "price", "fee", "capacity", "position", "form_id"},
	"/admin/types/:id":          {"name", "description", "price", "fee", "position", "seen"},
	"/admin/types/:id/capacity": {"capacity"},
	"/admin/orders/:id/refunds": {"note", "amount", "ticket", "refund_id"},
	"/admin/refunds/:id/settle": {"note"},
}

// answersOfForms are what a person may hear who sends a form.
var answersOfForms = []int{
	http.StatusSeeOther, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity,
}

func TestWhateverIsTypedIsAnsweredAndKept(t *testing.T) {
	inShops(t, typedFields, func(t *testing.T, w *world, route string, fields []string) {
		if everyForm[route] == nil {
			t.Fatalf("%s is no form of the site", route)
		}
		t.Run(strings.TrimPrefix(route, "/"), func(t *testing.T) {
			p := everyForm[route](t, w)
			for name, text := range typedTexts {
				for _, field := range fields {
					form := url.Values{}
					for k, v := range p.form {
						form[k] = v
					}
					form.Set(field, text)
					a := p.v.post(p.path, form)
					a.t = t
					if !slices.Contains(answersOfForms, a.status) {
						t.Errorf("%s in %s: status %d", name, field, a.status)
					}
					if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "'><b>") {
						t.Errorf("%s in %s: the page takes it for markup", name, field)
					}
					if to := a.header.Get("Location"); strings.ContainsAny(to, "\r\n\x00") || strings.Contains(to, "evil") {
						t.Errorf("%s in %s: leads to %q", name, field, to)
					}
					typeable := utf8.ValidString(text) && !strings.Contains(text, "\x00") // browsers send nothing else
					if a.status == http.StatusUnprocessableEntity && shownAgain[field] && typeable &&
						!strings.Contains(html.UnescapeString(a.body), cleanField(field, text)) {
						t.Errorf("%s in %s: what was typed is gone", name, field)
					}
					if a.status == http.StatusSeeOther { // it worked: another one
						p = everyForm[route](t, w)
					}
				}
			}
		})
	})
}

// shownAgain are the fields that a form which was refused shows as they were typed.
var shownAgain = map[string]bool{
	"name": true, "email": true, "cpf": true, "description": true, "venue": true, "city": true, "slug": true, "price": true, "fee": true,
	"capacity": true, "note": true, "currency": true, "per_person": true,
}

// hostileNames are names that are taken, since somebody is called so, or may be.
var hostileNames = []string{`Zoë "Zé" <b>D'Ávila</b> & Cia`, "李小龙 محمد Ωμέγα", "=1+1 Rock 🎸👩\u200d🎤"}

func TestANameIsTheSameOnPagePDFLetterAndFile(t *testing.T) {
	w := newWorld(t)
	folder := w.startMail()
	admin := w.signedIn(w.admin)
	for _, name := range hostileNames {
		e := w.createEvent(func(e *store.Event) { e.Name, e.Venue, e.City = name, name, name },
			store.TicketType{Name: name, Description: name, PriceCents: 1000, FeeCents: 100, Capacity: 10})
		v := w.fan()
		w.set(`update accounts set name = $1 where id = $2`, name, v.account.ID)
		o := v.buy(e, 1)
		ticket := "/tickets/" + itoa(o.Tickets[0].ID)
		for _, path := range []string{
			"/", "/events/" + e.Slug, "/orders", "/orders/" + o.ID.String(), "/tickets", ticket, "/orders/" + o.ID.String() + "/refunds", "/account",
		} {
			v.get(path).want(http.StatusOK).silent("<b>D").says(html.EscapeString(name))
		}
		for _, path := range []string{"/admin", adminEventPath(e.ID), adminEventPath(e.ID) + "/orders", "/admin/orders/" + o.ID.String()} {
			admin.get(path).want(http.StatusOK).silent("<b>D").says(html.EscapeString(name))
		}
		if pdf := v.get(ticket + ".pdf").want(http.StatusOK); !strings.HasPrefix(pdf.body, "%PDF-") {
			t.Errorf("%s: no PDF", name)
		}
		for _, row := range admin.get(adminEventPath(e.ID) + "/ledger.csv").csv() {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+@", rune(cell[0])) {
					t.Errorf("%s: a spreadsheet computes %q", name, cell)
				}
			}
		}
		l := w.letter(folder, v.account.Email, name)
		if !strings.Contains(l.Text, name) || strings.Contains(l.HTML, "<b>D") || !strings.Contains(html.UnescapeString(l.HTML), name) {
			t.Errorf("%s: the letter does not name it\n%s", name, l.Text)
		}
	}
}
