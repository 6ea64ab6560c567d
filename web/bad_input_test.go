package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// bad is something that a person, a script or another site may send, and what it gets.
type bad struct {
	who    *visitor
	name   string
	method string
	path   string
	body   string
	want   int
	says   string   // what the answer keeps or leads to; empty for nothing in particular
	header []string // names and values in turn; forms by default
}

// signNotice signs a notice as the provider would at a moment, with a secret that need not be right.
func signNotice(secret, body string, at time.Time) []string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return []string{"Sandbox-Signature", fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil)), "Content-Type", "application/json"}
}

func TestBadInputGetsAnAnswerAndNeverAFailure(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 50}, store.TicketType{Name: "Camarote", PriceCents: 5000, Capacity: 50})
	free := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 50})
	ahead := w.createEvent(func(e *store.Event) { e.SaleStartsAt = time.Now().Add(time.Hour) })
	over := w.createEvent(func(e *store.Event) { e.SaleEndsAt = time.Now().Add(-time.Minute) })
	draft := w.createDraft(nil)
	ana, bia, nobody, admin, expired := w.fan(), w.fan(), w.visitor(), w.signedIn(w.admin), w.fan()
	held, paid := ana.join(e, 2), ana.join(free, 2)
	ana.await(held, store.Reserved)
	ticket := ana.await(paid, store.Paid).Tickets[0].ID
	if keys := w.Redis.Keys(t.Context(), "scs:session:*").Val(); len(keys) < 4 {
		t.Fatalf("the sessions are kept elsewhere: %v", keys)
	}
	expireSessions(t, w, ana, bia, admin)

	fill := func(name, value string) string { // the buy form with one thing wrong
		form := orderForm(uuid.New(), e, 1, 2)
		if form.Set(name, value); value == "-" {
			form.Del(name)
		}
		return form.Encode()
	}
	register := func(name, value string) string {
		form := registration()
		form.Set(name, value)
		return form.Encode()
	}
	eventForm := func(name, value string) string {
		form := url.Values{
			"name": {"Baile"}, "slug": {"baile-novo"}, "time_zone": {"America/Recife"}, "starts_at": {"2027-01-02T21:00"},
			"sale_starts_at": {"2026-12-01T10:00"}, "sale_ends_at": {"2027-01-02T20:00"}, "currency": {"BRL"}, "per_person": {"4"},
			"hold_seconds": {"600"}, "extend_seconds": {"300"}, "retry_seconds": {"120"}, "retry_most": {"600"}, "outage_most": {"900"},
			"refund_days": {"7"}, "refund_hours": {"48"},
		}
		form.Set(name, value)
		return form.Encode()
	}
	typeForm := func(name, value string) string {
		form := url.Values{"name": {"Arena"}, "position": {"3"}, "price": {"10,00"}, "fee": {"1,00"}, "capacity": {"10"}}
		form.Set(name, value)
		return form.Encode()
	}
	const someone, get, post = "00000000-0000-4000-8000-000000000001", http.MethodGet, http.MethodPost
	event, orders := "/events/"+e.Slug, "/events/"+e.Slug+"/orders"
	order, paidOrder := "/orders/"+held.String(), "/orders/"+paid.String()
	ticketPath, adminEvent, adminType := "/tickets/"+itoa(ticket), "/admin/events/"+itoa(e.ID), "/admin/types/"+itoa(e.Types[0].ID)
	strangersNotice := `{"id":"n1","reference":"` + someone + `","type":"charge.paid"}`
	json := []string{"Content-Type", "application/json"}
	chosen := `value="` + itoa(e.Types[1].ID) + `" required checked`

	rows := []bad{
		// Ids that name nothing, and what belongs to others.
		{ana, "a malformed order id", get, "/orders/42", "", 404, "", nil},
		{ana, "an order id in braces", get, "/orders/%7B" + someone + "%7D", "", 404, "", nil},
		{ana, "an order id without hyphens", get, "/orders/" + strings.ReplaceAll(held.String(), "-", ""), "", 404, "", nil},
		{ana, "an unknown order", get, "/orders/" + someone, "", 404, "", nil},
		{ana, "no order at all", get, "/orders/00000000-0000-0000-0000-000000000000", "", 404, "", nil},
		{ana, "an order with NUL", get, "/orders/%00", "", 404, "", nil},
		{bia, "a stranger's order", get, order, "", 404, "", nil},
		{bia, "a stranger's order as JSON", get, order, "", 404, `{"error":"not found"}`, []string{"Accept", "application/json"}},
		{bia, "a stranger's live updates", get, order + "/events", "", 404, "", nil},
		{bia, "paying a stranger's order", post, order + "/pay", "", 404, "", nil},
		{bia, "leaving a stranger's order", post, order + "/leave", "", 404, "", nil},
		{bia, "refunding a stranger's order", post, paidOrder + "/refunds", "", 404, "", nil},
		{bia, "a stranger's refund page", get, paidOrder + "/refunds", "", 404, "", nil},
		{bia, "a stranger's ticket", get, ticketPath, "", 404, "", nil},
		{bia, "a stranger's ticket on paper", get, ticketPath + ".pdf", "", 404, "", nil},
		{ana, "a malformed ticket id", get, "/tickets/x", "", 404, "", nil},
		{ana, "a negative ticket id", get, "/tickets/-1", "", 404, "", nil},
		{ana, "a huge ticket id", get, "/tickets/99999999999999999999", "", 404, "", nil},
		{ana, "a ticket id with zeros", get, "/tickets/00" + itoa(ticket), "", 404, "", nil},
		{nobody, "an unknown event", get, "/events/no-such-show", "", 404, "", nil},
		{nobody, "an event of broken UTF-8", get, "/events/%ff%fe", "", 404, "", nil},
		{ana, "a draft", get, "/events/" + draft.Slug, "", 404, "", nil},

		// Buying.
		{ana, "an unknown event's line", post, "/events/no-such-show/orders", fill("", ""), 404, "", nil},
		{ana, "a draft's line", post, "/events/" + draft.Slug + "/orders", orderForm(uuid.New(), draft, 0, 1).Encode(), 404, "", nil},
		{ana, "a sale that is not open yet", post, "/events/" + ahead.Slug + "/orders", orderForm(uuid.New(), ahead, 0, 1).Encode(), 409, "/events/" + ahead.Slug, nil},
		{ana, "a sale that is over", post, "/events/" + over.Slug + "/orders", orderForm(uuid.New(), over, 0, 1).Encode(), 409, "/events/" + over.Slug, nil},
		{bia, "quantity 0", post, orders, fill("quantity", "0"), 422, chosen, nil},
		{bia, "quantity -1", post, orders, fill("quantity", "-1"), 422, chosen, nil},
		{bia, "a quantity over the limit", post, orders, fill("quantity", "5"), 422, chosen, nil},
		{bia, "a huge quantity", post, orders, fill("quantity", "99999999999999999999"), 422, chosen, nil},
		{bia, "half a ticket", post, orders, fill("quantity", "1.5"), 422, chosen, nil},
		{bia, "a quantity in words", post, orders, fill("quantity", "dois"), 422, chosen, nil},
		{bia, "no quantity", post, orders, fill("quantity", "-"), 422, chosen, nil},
		{bia, "no ticket type", post, orders, fill("ticket_type", "-"), 422, `<option value="2" selected>`, nil},
		{bia, "another event's ticket type", post, orders, fill("ticket_type", itoa(free.Types[0].ID)), 422, `<option value="2" selected>`, nil},
		{bia, "a ticket type of letters", post, orders, fill("ticket_type", "' or 1=1 --"), 422, `<option value="2" selected>`, nil},
		{bia, "no order id", post, orders, fill("order_id", "-"), 422, chosen, nil},
		{bia, "a malformed order id to buy", post, orders, fill("order_id", "1234"), 422, chosen, nil},
		{bia, "a stranger's order id to buy", post, orders, fill("order_id", held.String()), 422, chosen, nil},
		{bia, "an empty form", post, orders, "", 422, "order_id", nil},
		{bia, "a form as JSON", post, orders, `{"quantity":1}`, 422, "order_id", json},
		{bia, "a form of broken UTF-8", post, orders, fill("quantity", "\xff"), 422, "", nil},
		{bia, "a form with NUL", post, orders, fill("order_id", "\x00"), 422, "", nil},
		{bia, "a form that is no form", post, orders, "%zz=%", 422, "", nil},
		{bia, "an oversized form", post, orders, "x=" + strings.Repeat("y", maxBody), 413, "", nil},
		{ana, "the replayed form of an open order", post, orders, orderForm(held, e, 0, 2).Encode(), 303, order, nil},
		{ana, "another form beside an open order", post, orders, fill("", ""), 303, order, nil},
		{ana, "the replayed form of a paid order", post, "/events/" + free.Slug + "/orders", orderForm(paid, free, 0, 2).Encode(), 303, paidOrder, nil},
		{nobody, "buying without signing in", post, orders, fill("", ""), 303, "/login?next=", nil},
		{expired, "buying with an expired session", post, orders, fill("", ""), 303, "/login?next=", nil},
		{expired, "an order with an expired session", get, order, "", 303, "/login?next=", nil},
		{expired, "JSON with an expired session", get, order, "", 401, "unauthorized", []string{"Accept", "application/json"}},
		{nobody, "an invented session", get, "/orders", "", 303, "/login?next=", []string{"Cookie", "guiche=invented"}},
		{nobody, "a broken session", get, "/orders", "", 303, "/login?next=", []string{"Cookie", "guiche=%%%;;=,;guiche"}},
		{ana, "a broken flash", get, "/", "", 200, "", []string{"Cookie", "guiche-flash=e30; guiche-language=%00"}},

		// Orders and money.
		{ana, "leaving what is paid", post, paidOrder + "/leave", "", 303, paidOrder, nil},
		{ana, "paying what is paid", post, paidOrder + "/pay", "", 303, paidOrder, nil},
		{ana, "refunding what is not paid", post, order + "/refunds", "", 303, order, nil},
		{ana, "refunding a stranger's ticket", post, paidOrder + "/refunds", "ticket=999999", 422, "", nil},
		{ana, "refunding a ticket of letters", post, paidOrder + "/refunds", "ticket=x", 422, "", nil},
		{ana, "refunding with NUL", post, paidOrder + "/refunds", "ticket=%00", 422, "", nil},
		{nobody, "an unsigned notice", post, "/webhooks/sandbox", strangersNotice, 401, "", json},
		{nobody, "a forged notice", post, "/webhooks/sandbox", strangersNotice, 401, "", signNotice("guess", strangersNotice, time.Now())},
		{nobody, "a signed notice without sense", post, "/webhooks/sandbox", "[]", 400, "", signNotice(providerSecret, "[]", time.Now())},
		{nobody, "a signed notice of no charge", post, "/webhooks/sandbox", strangersNotice, 200, "", signNotice(providerSecret, strangersNotice, time.Now())},
		{nobody, "an unknown gateway's notice", post, "/webhooks/stripe", strangersNotice, 404, "", json},
		{nobody, "an oversized notice", post, "/webhooks/sandbox", strings.Repeat("x", maxBody+1), 413, "", json},

		// Accounts.
		{nobody, "a wrong CPF", post, "/register", register("cpf", "111.111.111-11"), 422, `value="Ana Luísa"`, nil},
		{w.visitor(), "a name of markup", post, "/register", register("name", "<script>") + "x", 303, "/", nil},
		{nobody, "registering with NUL", post, "/register", register("name", "a\x00b"), 422, "", nil},
		{nobody, "registering with broken UTF-8", post, "/register", register("email", "a\xc3@guiche.test"), 422, "", nil},
		{nobody, "an empty registration", post, "/register", "", 422, "", nil},
		{nobody, "an oversized registration", post, "/register", register("name", strings.Repeat("a", maxBody)), 413, "", nil},
		{nobody, "an empty sign-in", post, "/login", "", 422, "", nil},
		{nobody, "a sign-in as JSON", post, "/login", `{"email":"a@b.c"}`, 422, "", json},
		{nobody, "a sign-in of SQL", post, "/login", "email=%27%20or%201%3D1--&password=x", 422, "or 1=1--", nil},
		{nobody, "a sign-in with NUL", post, "/login", "email=a%00&password=x", 422, "", nil},
		{nobody, "a way to another site", get, "/login?next=https://evil.test", "", 200, `name="next" value="/"`, nil},
		{nobody, "a way to another site by slashes", get, "/login?next=//evil.test", "", 200, `name="next" value="/"`, nil},
		{nobody, "a way to another site by a backslash", get, `/register?next=/%5Cevil.test`, "", 200, `name="next" value="/"`, nil},
		{ana, "an unknown language", post, "/language", "language=tlh", 422, "", nil},
		{ana, "a language that leads away", post, "/language", "language=en&next=//evil.test", 303, "/", nil},

		// Other sites, other methods.
		{ana, "another site's form", post, order + "/leave", "", 403, "", []string{"Sec-Fetch-Site", "cross-site"}},
		{ana, "another origin's form", post, orders, fill("", ""), 403, "", []string{"Origin", "https://evil.test"}},
		{ana, "another site's sign-out", post, "/logout", "", 403, "", []string{"Sec-Fetch-Site", "same-site"}},
		{ana, "a wrong method on an order", http.MethodDelete, order, "", 405, "", nil},
		{ana, "a wrong method on an event", http.MethodPost, event, "", 405, "", nil},
		{ana, "a wrong method on buying", http.MethodPut, orders, "", 405, "", nil},
		{ana, "GET on sign-out", get, "/logout", "", 405, "", nil},
		{nobody, "the metrics", get, "/metrics", "", 404, "", nil},

		// Admin.
		{ana, "a fan at the admins' door", get, "/admin", "", 404, "", nil},
		{nobody, "nobody at the admins' door", get, adminEvent, "", 404, "", nil},
		{ana, "a fan who publishes", post, "/admin/events/" + itoa(draft.ID) + "/publish", "", 404, "", nil},
		{ana, "a fan who changes a capacity", post, adminType + "/capacity", "capacity=1", 404, "", nil},
		{admin, "an unknown event's page", get, "/admin/events/999999", "", 404, "", nil},
		{admin, "a malformed event's page", get, "/admin/events/x", "", 404, "", nil},
		{admin, "a malformed type", post, "/admin/types/0", "", 404, "", nil},
		{admin, "an event without a name", post, "/admin/events", eventForm("name", ""), 422, `value="baile-novo"`, nil},
		{admin, "a slug of spaces", post, "/admin/events", eventForm("slug", "a b"), 422, `value="Baile"`, nil},
		{admin, "a taken slug", post, "/admin/events", eventForm("slug", e.Slug), 422, `value="Baile"`, nil},
		{admin, "an unknown time zone", post, "/admin/events", eventForm("time_zone", "../../etc/passwd"), 422, `value="Baile"`, nil},
		{admin, "a sale that ends first", post, "/admin/events", eventForm("sale_ends_at", "2026-11-01T00:00"), 422, `value="Baile"`, nil},
		{admin, "a time that is none", post, "/admin/events", eventForm("starts_at", "0000-13-45T99:99"), 422, `value="Baile"`, nil},
		{admin, "a limit of 0", post, "/admin/events", eventForm("per_person", "0"), 422, `value="Baile"`, nil},
		{admin, "a hold of -1 s", post, "/admin/events", eventForm("hold_seconds", "-1"), 422, `value="Baile"`, nil},
		{admin, "a refund of huge days", post, "/admin/events", eventForm("refund_days", "999999999999"), 422, `value="Baile"`, nil},
		{admin, "an unknown currency", post, "/admin/events", eventForm("currency", "XXQ"), 422, `value="Baile"`, nil},
		{admin, "an event with NUL", post, "/admin/events", eventForm("description", "a\x00"), 422, "", nil},
		{admin, "a negative price", post, adminEvent + "/types", typeForm("price", "-1"), 422, `value="Arena"`, nil},
		{admin, "a huge price", post, adminEvent + "/types", typeForm("price", "99999999999,00"), 422, `value="Arena"`, nil},
		{admin, "a taken type name", post, adminEvent + "/types", typeForm("name", "Pista"), 422, `value="10,00"`, nil},
		{admin, "a negative capacity", post, adminType + "/capacity", "capacity=-5", 422, "", nil},
		{admin, "a huge capacity", post, adminType + "/capacity", "capacity=99999999999", 422, "", nil},
		{admin, "publishing twice", post, adminEvent + "/publish", "", 303, adminEvent, nil},
		{admin, "publishing an unknown event", post, "/admin/events/999999/publish", "", 404, "", nil},
		{admin, "orders on a strange page", get, adminEvent + "/orders?page=-9&status=%27", "", 200, "", nil},
		{admin, "orders on a far page", get, adminEvent + "/orders?page=99999999999999999999", "", 200, "", nil},
		{admin, "orders of broken UTF-8", get, adminEvent + "/orders?status=%ff%00", "", 200, "", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			header := row.header
			if row.method == post && !slices.Contains(header, "Content-Type") {
				header = append(slices.Clone(header), "Content-Type", "application/x-www-form-urlencoded")
			}
			a, err := row.who.try(row.method, row.path, row.body, header...)
			if err != nil {
				t.Fatal(err)
			}
			if a.status != row.want {
				t.Fatalf("%s: status %d, want %d\n%.1500s", a.what, a.status, row.want, a.body)
			}
			if !strings.Contains(a.body+a.header.Get("Location"), row.says) {
				t.Errorf("%s: does not say %q\n%.6000s", a.what, row.says, a.body)
			}
		})
	}
	if o := ana.order(held); o.Status != store.Reserved {
		t.Errorf("the held order became %s", o.Status)
	}
	if o := ana.order(paid); o.Status != store.Paid {
		t.Errorf("the paid order became %s", o.Status)
	}
	books, err := w.DB.Books(t.Context(), e.ID)
	if err != nil || !books[0].Balanced() || books[0].Held != 2 || books[1].Taken != 0 {
		t.Errorf("the books are %+v, %v", books, err)
	}
}

// expireSessions lets every session end but those of some people: the browsers keep tokens that name nothing.
func expireSessions(t *testing.T, w *world, but ...*visitor) {
	t.Helper()
	if err := w.Redis.Del(t.Context(), w.Redis.Keys(t.Context(), "scs:session:*").Val()...).Err(); err != nil {
		t.Fatal(err)
	}
	for _, v := range but {
		v.post("/login", url.Values{"email": {v.account.Email}, "password": {testPassword}}).want(http.StatusSeeOther)
	}
}
