package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// hiddenField finds the hidden fields of a page.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`)

// filled is the event's buy form as a browser would send it: what it carries, and a choice.
func (v *visitor) filled(e store.Event, typeID int64, quantity string) url.Values {
	v.w.T.Helper()
	form := url.Values{"ticket_type": {itoa(typeID)}, "quantity": {quantity}}
	page := v.get("/events/" + e.Slug).want(http.StatusOK).body
	for _, m := range hiddenField.FindAllStringSubmatch(page[strings.Index(page, `class="buy"`):], -1) {
		if m[1] != "next" { // of the form for the language
			form.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	return form
}

// edited changes the event behind an open page.
func (w *world) edited(e store.Event, change func(*store.Event)) store.Event {
	w.T.Helper()
	e, err := w.DB.Event(w.T.Context(), e.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	change(&e)
	if err := w.DB.UpdateEvent(w.T.Context(), w.admin.ID, e); err != nil {
		w.T.Fatal(err)
	}
	for _, t := range e.Types {
		if _, err := w.Raw.Exec(`update ticket_types set price_cents = $2, fee_cents = $3 where id = $1`, t.ID, t.PriceCents, t.FeeCents); err != nil {
			w.T.Fatal(err)
		}
	}
	w.server.shop.catalog.forget()
	return e
}

func TestNobodyJoinsUnderTermsThatHerPageDidNotShow(t *testing.T) {
	for name, try := range map[string]struct {
		change    func(*store.Event)
		was, now  string
		unchanged string
	}{
		"a higher price": {func(e *store.Event) { e.Types[0].PriceCents = 30000 }, "Antes: R$\u00a010,00", "Agora: R$\u00a0300,00", "Tempo para pagar"},
		"a lower price":  {func(e *store.Event) { e.Types[0].PriceCents = 500 }, "Antes: R$\u00a010,00", "Agora: R$\u00a05,00", "Taxa por ingresso"},
		"another fee":    {func(e *store.Event) { e.Types[0].FeeCents = 0 }, "Antes: R$\u00a01,00", "Agora: R$\u00a00,00", "Preço por ingresso"},
		"less time":      {func(e *store.Event) { e.HoldSeconds = 120 }, "Antes: 10 minutos", "Agora: 2 minutos", "Preço por ingresso"},
		"another limit":  {func(e *store.Event) { e.PerPerson = 2 }, "Antes: 4", "Agora: 2", "Preço por ingresso"},
		"no refunds":     {func(e *store.Event) { e.RefundDays = 0 }, "até 30 dias", "Agora: Dá para devolver ingressos até o fim do 7º dia", "Preço por ingresso"},
		"the fee stays":  {func(e *store.Event) { e.RefundFee = false }, "A taxa também volta", "A taxa não volta", "Preço por ingresso"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := w.createEvent(func(e *store.Event) { e.RefundDays = 30 })
			fan := w.fan()
			form := fan.filled(e, e.Types[0].ID, "2")
			form.Set("keep", "on")
			w.edited(e, try.change)
			page := fan.post("/events/"+e.Slug+"/orders", form).want(http.StatusConflict)
			page.says(said(views.TermsChanged)).says(try.was).says(try.now).silent(try.unchanged)
			page.says(form.Get("order_id")).says(`value="2" selected`).says(`name="keep" value="on" checked`)
			if orders, err := w.DB.AccountOrders(t.Context(), fan.account.ID); err != nil || len(orders) > 0 {
				t.Errorf("it joined: %v, %v", orders, err)
			}
			// What the page shows now is what she agrees to.
			again := url.Values{"ticket_type": form["ticket_type"], "quantity": {"2"}}
			for _, m := range hiddenField.FindAllStringSubmatch(page.body, -1) {
				again.Set(m[1], html.UnescapeString(m[2]))
			}
			fan.post("/events/"+e.Slug+"/orders", again).leadsTo("/orders/" + form.Get("order_id"))
		})
	}
}

func TestWhatChangedElsewhereDoesNotStandInTheWay(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 9}, store.TicketType{Name: "Frisa", PriceCents: 2000, Capacity: 9})
	fan, program := w.fan(), w.fan()
	form := fan.filled(e, e.Types[0].ID, "1")
	w.edited(e, func(e *store.Event) {
		e.Name, e.SaleEndsAt, e.Types[1].PriceCents = "Outro nome", e.SaleEndsAt.Add(time.Hour), 9000
	})
	fan.post("/events/"+e.Slug+"/orders", form).leadsTo("/orders/" + form.Get("order_id"))
	// A program that carries nothing gets what is true now.
	w.edited(e, func(e *store.Event) { e.Types[0].PriceCents = 1500 })
	if o := program.await(program.join(e, 2), store.Reserved); o.AmountCents != 3000 {
		t.Errorf("it costs %d", o.AmountCents)
	}
}

func TestAFormThatJoinedFindsItsOrderWhateverChangedSince(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, other := w.fan(), w.fan()
	form := fan.filled(e, e.Types[0].ID, "3")
	order := "/orders/" + form.Get("order_id")
	fan.post("/events/"+e.Slug+"/orders", form).leadsTo(order)
	w.edited(e, func(e *store.Event) { e.PerPerson, e.Types[0].PriceCents = 1, 99900 })
	fan.post("/events/"+e.Slug+"/orders", form).leadsTo(order)
	// Nobody else does.
	stolen := other.filled(e, e.Types[0].ID, "3")
	stolen.Set("order_id", form.Get("order_id"))
	other.post("/events/"+e.Slug+"/orders", stolen).want(http.StatusUnprocessableEntity)
}

func TestAFormCarriesOnlyWhatThisShopSigned(t *testing.T) {
	w := newWorld(t)
	e, another := w.createEvent(nil), w.createEvent(nil)
	fan := w.fan()
	good := fan.filled(e, e.Types[0].ID, "1").Get("shown")
	older, err := w.server.shop.signer.sign(shown{Version: shownVersion + 1, EventID: e.ID, Types: map[int64]shownType{e.Types[0].ID: {PriceCents: 1000, FeeCents: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, signed := range map[string]string{
		"no signature": strings.Split(good, ".")[0], "a cut one": good[:len(good)-1], "another event's": fan.filled(another, another.Types[0].ID, "1").Get("shown"),
		"another version's": older, "nonsense": "x", "a dot": ".", "two": good + "." + good, "other bytes": "A" + good,
	} {
		form := orderForm(uuid.New(), e, 0, 2)
		form.Set("shown", signed)
		page := fan.post("/events/"+e.Slug+"/orders", form).want(http.StatusUnprocessableEntity)
		if page.says(said(views.OrderIDBad)).says(form.Get("order_id")); !strings.Contains(page.body, `value="2" selected`) {
			t.Errorf("%s: what was chosen is lost", name)
		}
	}
}
