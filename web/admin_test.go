package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

func formOf(typed map[string]string) url.Values {
	form := url.Values{}
	for name, v := range typed {
		form.Set(name, v)
	}
	return form
}

func TestAdminPagesDoNotExistForOthers(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	event, kind := "/admin/events/"+itoa(e.ID), "/admin/types/"+itoa(e.Types[0].ID)
	people := map[string]*visitor{"a fan": w.fan(), "staff": w.signedIn(w.account(store.Staff)), "nobody": w.visitor()}
	for who, v := range people {
		for _, path := range []string{"/admin", "/admin/events/new", event, event + "/edit", event + "/orders"} {
			if a := v.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: GET %s is %d", who, path, a.status)
			}
		}
		for _, path := range []string{"/admin/events", event, event + "/publish", event + "/types", kind, kind + "/capacity"} {
			if a := v.post(path, formOf(eventTyped())); a.status != http.StatusNotFound {
				t.Errorf("%s: POST %s is %d", who, path, a.status)
			}
		}
	}
	// A role that was taken away is gone at once, whatever the session says.
	admin := w.signedIn(w.admin)
	admin.get("/admin").want(http.StatusOK)
	if _, err := w.Raw.Exec(`update accounts set role = 'fan' where id = $1`, w.admin.ID); err != nil {
		t.Fatal(err)
	}
	admin.get("/admin").want(http.StatusNotFound)
	if n := w.count(`select count(*) from events`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestOldSessionsOfALaterAdminOpenNothing(t *testing.T) {
	w := newWorld(t)
	draft := w.createDraft(nil)
	early, admin := w.fan(), w.signedIn(w.admin) // early signed up with an e-mail that turns out to be an admin's
	for _, a := range []store.Account{early.account, w.admin} {
		hash, err := HashPassword("only the operator knows this")
		if err != nil {
			t.Fatal(err)
		}
		a.PasswordHash = hash
		if _, err := w.DB.MakeAdmin(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for who, v := range map[string]*visitor{"who signed up before": early, "who knew the old password": admin} {
		for _, path := range []string{"/admin", "/admin/events/" + itoa(draft.ID), "/events/" + draft.Slug} {
			if a := v.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: GET %s is %d", who, path, a.status)
			}
		}
		v.get("/orders").leadsTo("/login?next=%2Forders")
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.T.Helper()
	if err := w.Raw.QueryRow(query, args...).Scan(&n); err != nil {
		w.T.Fatal(err)
	}
	return n
}

func TestAnAdminMakesAnEvent(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	admin.get("/admin").want(http.StatusOK)
	admin.get("/admin/events/new").want(http.StatusOK).says(`name="slug"`).says("America/Sao_Paulo")
	typed := eventTyped()
	now := time.Now().In(time.FixedZone("Recife", -3*60*60))
	typed["sale_starts_at"] = now.Add(-time.Hour).Format(views.LocalTime)
	typed["sale_ends_at"] = now.AddDate(0, 0, 10).Format(views.LocalTime)
	typed["starts_at"] = now.AddDate(0, 0, 11).Format(views.LocalTime)
	event := admin.post("/admin/events", formOf(typed)).want(http.StatusSeeOther).header.Get("Location")
	admin.get(event).want(http.StatusOK).says("Baile da Lua").says(said(views.EventSaved))
	w.visitor().get("/events/baile-da-lua").want(http.StatusNotFound)

	admin.post(event+"/publish", nil).want(http.StatusUnprocessableEntity) // nothing to sell yet
	kind := url.Values{"name": {"Pista"}, "position": {"1"}, "price": {"1.234,56"}, "fee": {"10,00"}, "capacity": {"50"}}
	admin.post(event+"/types", kind).leadsTo(event)
	admin.post(event+"/types", kind).want(http.StatusUnprocessableEntity).says(said(views.TypeNameTaken)).says(`value="1.234,56"`)
	e, err := w.DB.EventBySlug(t.Context(), "baile-da-lua")
	if err != nil {
		t.Fatal(err)
	}
	w.free(e, 50)
	if got := e.Types[0]; got.PriceCents != 123_456 || got.FeeCents != 1000 {
		t.Errorf("the type is %+v", got)
	}
	for range 2 {
		admin.post(event+"/publish", nil).leadsTo(event)
	}
	w.visitor().get("/events/baile-da-lua").want(http.StatusOK).says("R$\u00a01.234,56")
	if n := w.count(`select count(*) from admin_log where account_id = $1`, w.admin.ID); n != 3 {
		t.Errorf("%d lines in the admin log, want one each for event, type and publishing", n)
	}

	// The slug is taken now; what was typed comes back.
	typed["name"] = "Another <Ball>"
	admin.post("/admin/events", formOf(typed)).want(http.StatusUnprocessableEntity).
		says(said(views.SlugTaken)).says("Another &lt;Ball&gt;")
}

func TestAnAdminEditsAnEvent(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	other := w.createEvent(nil)
	admin, fan := w.signedIn(w.admin), w.fan()
	held := fan.reserve(e, 1)
	event := "/admin/events/" + itoa(e.ID)
	admin.get(event + "/edit").want(http.StatusOK).says(`value="` + e.Slug + `"`).says(`value="America/Recife"`)
	typed := views.EventValues(e)
	typed["name"], typed["refund_days"], typed["per_person"] = "Baile do Sol", "0", "2"
	admin.post(event, formOf(typed)).leadsTo(event)
	w.visitor().get("/events/" + e.Slug).want(http.StatusOK).says("Baile do Sol")
	if o := w.order(held); o.RefundDays != 7 || o.PerPerson != 4 {
		t.Errorf("the rules of an accepted order changed: %+v", o.QueuedOrder)
	}
	typed["slug"] = other.Slug
	admin.post(event, formOf(typed)).want(http.StatusUnprocessableEntity).says(said(views.SlugTaken)).says(other.Slug)
	typed["slug"], typed["sale_ends_at"] = e.Slug, typed["sale_starts_at"]
	admin.post(event, formOf(typed)).want(http.StatusUnprocessableEntity).says(said(views.SaleEndsTooEarly))
	admin.send(http.MethodPost, event, "name=%ff", "Content-Type", "application/x-www-form-urlencoded").want(http.StatusUnprocessableEntity)
}

func TestAPriceNeverTouchesAcceptedOrders(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	admin, fan, later := w.signedIn(w.admin), w.fan(), w.fan()
	held := fan.reserve(e, 1)
	kind := "/admin/types/" + itoa(e.Types[0].ID)
	typed := url.Values{"name": {"Pista Premium"}, "position": {"2"}, "price": {"99,00"}, "fee": {"0"}}
	admin.post(kind, typed).leadsTo("/admin/events/" + itoa(e.ID))
	fan.press(fan.pay(held), "approve")
	fan.await(held, store.Paid)
	if o := fan.order(held); o.AmountCents != 1100 {
		t.Errorf("the accepted order costs %d", o.AmountCents)
	}
	if o := later.order(later.reserve(e, 1)); o.AmountCents != 9900 {
		t.Errorf("a later order costs %d", o.AmountCents)
	}
	typed.Set("price", "cheap")
	admin.post(kind, typed).want(http.StatusUnprocessableEntity).says(said(views.MoneyBad)).says(`value="cheap"`)
}

func TestACapacityGoesThroughTheGenerator(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 10})
	admin, fan := w.signedIn(w.admin), w.fan()
	fan.buy(e, 3)
	event, capacity := "/admin/events/"+itoa(e.ID), "/admin/types/"+itoa(e.Types[0].ID)+"/capacity"
	change := func(n int, key string) {
		t.Helper()
		admin.post(capacity, url.Values{"capacity": {fmt.Sprint(n)}}).leadsTo(event)
		outcome := views.T(views.WithLanguage(t.Context(), views.Portuguese), key, "Count", fmt.Sprint(n))
		w.Eventually("the outcome is shown: "+outcome, func() bool {
			return strings.Contains(admin.get(event).want(http.StatusOK).body, outcome)
		})
	}
	change(2, "admin.capacity_refused")
	w.free(e, 7)
	change(3, "admin.capacity_done")
	w.free(e, 0)
	change(20, "admin.capacity_done")
	w.free(e, 17)
	for typed, want := range map[string]views.Message{
		"": views.Missing, "-1": views.NotANumber, "x": views.NotANumber, "10000001": views.OutOfRange, "99999999999": views.NotANumber,
	} {
		admin.post(capacity, url.Values{"capacity": {typed}}).want(http.StatusUnprocessableEntity).says(said(want))
	}
	w.free(e, 17)
}

func TestTheBooksAreShown(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 5000})
	admin := w.signedIn(w.admin)
	w.fan().buy(e, 2)
	w.fan().reserve(e, 4)
	w.stopGenerator()
	w.fan().join(e, 3)
	gone := w.fan()
	gone.join(e, 1)
	event := "/admin/events/" + itoa(e.ID)
	page := admin.get(event).want(http.StatusOK).says(said(views.Message{Key: "books.balanced"}))
	for label, count := range map[string]string{
		"books.sold": "2", "books.held": "4", "books.free": "4.994", "books.capacity": "5.000", "books.in_line": "4",
	} {
		page.says(fmt.Sprintf(`data-label="%s" class="figure">%s<`, said(views.Message{Key: label}), count))
	}
	list := admin.get("/admin").want(http.StatusOK)
	for label, count := range map[string]string{"books.sold": "2", "books.held": "4", "books.free": "4.994"} {
		list.says(fmt.Sprintf(`data-label="%s" class="figure">%s<`, said(views.Message{Key: label}), count))
	}
	if _, err := w.Raw.Exec(`update stock set taken = taken + 1`); err != nil {
		t.Fatal(err)
	}
	admin.get(event).want(http.StatusOK).silent(said(views.Message{Key: "books.balanced"}))
}

func TestTheOrdersOfAnEvent(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	admin, fan := w.signedIn(w.admin), w.fan()
	path := "/admin/events/" + itoa(e.ID) + "/orders"
	admin.get(path).want(http.StatusOK)
	paid := fan.buy(e, 1)
	holder := w.fan()
	holder.reserve(e, 1)
	admin.get(path).want(http.StatusOK).says(fan.account.Email).says(holder.account.Email)
	admin.get(path + "?status=paid").want(http.StatusOK).says(fan.account.Email).silent(holder.account.Email)
	admin.get(path + "?status=nonsense").want(http.StatusOK).says(holder.account.Email)
	for _, page := range []string{"0", "-5", "x", "99999999999999999999", ""} {
		admin.get(path + "?page=" + page).want(http.StatusOK)
	}
	admin.get(path + "?page=1000000").want(http.StatusOK).silent(fan.account.Email)
	// More than one page: one order is copied often.
	if _, err := w.Raw.Exec(`
		insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at)
		select gen_random_uuid(), event_id, ticket_type_id, account_id, number + n, 1, 'sold_out', price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at
		from orders, generate_series(10, 70) n where id = $1`, paid.ID); err != nil {
		t.Fatal(err)
	}
	// The copies are number 11 to 71, and those before them 1 and 2.
	newest := admin.get(path).want(http.StatusOK).silent(`rel="prev"`)
	if got := newest.numbers(); len(got) != rowsPerPage || got[0] != 71 || got[49] != 22 {
		t.Errorf("the newest orders are %v", got)
	}
	second := admin.get(newest.link("next")).want(http.StatusOK).silent(`rel="next"`).says(holder.account.Email)
	if got := second.numbers(); len(got) != 13 || got[0] != 21 || got[12] != 1 {
		t.Errorf("the older orders are %v", got)
	}
	if got := admin.get(second.link("prev")).want(http.StatusOK).numbers(); !slices.Equal(got, newest.numbers()) {
		t.Errorf("back again are %v", got)
	}
	// In the middle, with ways to both sides, and a page that is a whole one even if fewer orders are newer.
	middle := admin.get(path + "?before=63").want(http.StatusOK).says(`rel="next"`)
	if got := middle.numbers(); len(got) != rowsPerPage || got[0] != 62 {
		t.Errorf("in the middle are %v", got)
	}
	if got := admin.get(middle.link("prev")).want(http.StatusOK).numbers(); !slices.Equal(got, newest.numbers()) {
		t.Errorf("before the middle are %v", got)
	}
	if got := admin.get(path + "?after=1").want(http.StatusOK).numbers(); len(got) != rowsPerPage || got[49] != 2 {
		t.Errorf("after the first order come %v", got)
	}
	// A link of the previous release counts pages.
	if got := admin.get(path + "?page=2").want(http.StatusOK).numbers(); !slices.Equal(got, second.numbers()) {
		t.Errorf("the second page is %v", got)
	}
	// What comes meanwhile moves nothing.
	if _, err := w.Raw.Exec(`update orders set number = 72 where number = 71`); err != nil {
		t.Fatal(err)
	}
	if got := admin.get(newest.link("next")).want(http.StatusOK).numbers(); !slices.Equal(got, second.numbers()) {
		t.Errorf("after one more order the older ones are %v", got)
	}
	some := admin.get(path + "?status=sold_out").want(http.StatusOK)
	rest := admin.get(some.link("next")).want(http.StatusOK).silent(holder.account.Email).says(`value="sold_out" selected`)
	if got := rest.numbers(); len(got) != 11 {
		t.Errorf("of those who came too late, the older ones are %v", got)
	}
	for _, strange := range []string{"before=-1", "before=x", "after=0", "after=99999999999999999999", "before=99999999999999999999", "after=1&before=-7"} {
		admin.get(path + "?" + strange).want(http.StatusOK).says(`<th scope="row"`)
	}
}

// link is where the page's link of that name leads to.
func (a answer) link(rel string) string {
	a.t.Helper()
	found := regexp.MustCompile(`rel="` + rel + `"[^>]* href="([^"]+)"`).FindStringSubmatch(a.body)
	if found == nil {
		a.t.Fatalf("%s: no link to the %s page\n%.4000s", a.what, rel, a.body)
	}
	return html.UnescapeString(found[1])
}

// numbers are those of the orders on an admin's page.
func (a answer) numbers() (numbers []int64) {
	a.t.Helper()
	for _, found := range regexp.MustCompile(`<th scope="row" class="figure"><a [^>]*>(\d+)<`).FindAllStringSubmatch(a.body, -1) {
		n, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			a.t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

func TestAdminPathsThatNameNothing(t *testing.T) {
	w := newWorld(t)
	w.createEvent(nil)
	admin := w.signedIn(w.admin)
	for _, id := range []string{"0", "-1", "x", "999", "99999999999999999999", uuid.NewString(), "%00"} {
		for _, path := range []string{"/admin/events/" + id, "/admin/events/" + id + "/edit", "/admin/events/" + id + "/orders"} {
			admin.get(path).want(http.StatusNotFound)
		}
		for _, path := range []string{
			"/admin/events/" + id, "/admin/events/" + id + "/publish", "/admin/events/" + id + "/types",
			"/admin/types/" + id, "/admin/types/" + id + "/capacity",
		} {
			admin.post(path, url.Values{"capacity": {"5"}}).want(http.StatusNotFound)
		}
	}
}
