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

func TestWhatSheHasIsTakenOffWhatSheMayAskFor(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	another := w.createEvent(nil)
	fan, other := w.fan(), w.fan()
	options := func(v *visitor, e store.Event) int {
		return strings.Count(v.get("/events/"+e.Slug).want(http.StatusOK).body, "<option")
	}
	o := fan.buy(e, 3)
	fan.get("/events/" + e.Slug).says("Você já tem 3 de 4 ingressos")
	if n := options(fan, e); n != 1 {
		t.Errorf("with 3 of 4 she is offered up to %d", n)
	}
	if a, b := options(fan, another), options(other, e); a != 4 || b != 4 {
		t.Errorf("another event offers %d, another person is offered %d", a, b)
	}
	// Also when the form comes back.
	page := fan.post("/events/"+e.Slug+"/orders", orderForm(uuid.New(), e, 0, 9)).want(http.StatusUnprocessableEntity)
	if n := strings.Count(page.body, "<option"); n != 1 {
		t.Errorf("the form comes back with %d", n)
	}
	fan.buy(e, 1)
	fan.get("/events/" + e.Slug).says("Você já tem seus ingressos").silent(`name="order_id"`)
	fan.post("/orders/"+o.ID.String()+"/refunds", url.Values{"ticket": {itoa(o.Tickets[0].ID), itoa(o.Tickets[1].ID)}}).want(http.StatusSeeOther)
	w.Eventually("what was given back can be asked for again", func() bool { return options(fan, e) == 2 })
}

func TestASoldOutTypeLeadsToTheWaitingListWithoutATick(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 2}, store.TicketType{Name: "Frisa", Capacity: 2})
	fan, early := w.fan(), w.fan()
	stale := early.filled(e, e.Types[0].ID, "1") // before it sold out: nothing was said of a list
	w.fan().buy(e, 2)
	w.Eventually("the page says that the type is sold out", func() bool {
		return strings.Contains(fan.get("/events/"+e.Slug).body, "type-gone")
	})
	fan.get("/events/" + e.Slug).says("Entrar na fila").says("Lista de espera desta área").says(`type="checkbox" id="keep"`)
	form := fan.filled(e, e.Types[0].ID, "1")
	fan.post("/events/"+e.Slug+"/orders", form).want(http.StatusSeeOther)
	fan.await(uuid.MustParse(form.Get("order_id")), store.Waiting)

	early.post("/events/"+e.Slug+"/orders", stale).want(http.StatusSeeOther)
	late := uuid.MustParse(stale.Get("order_id"))
	early.await(late, store.SoldOut)
	// The way on is the list, with what she wanted.
	page := early.get("/orders/" + late.String()).says("Ficar na lista de espera")
	link := between(t, page.body, `<a class="do" href="`, `"`)
	early.get(strings.ReplaceAll(link, "&amp;", "&")).want(http.StatusOK).says(`value="` + itoa(e.Types[0].ID) + `" required checked`)
	again := early.filled(e, e.Types[0].ID, "1")
	early.post("/events/"+e.Slug+"/orders", again).want(http.StatusSeeOther)
	early.await(uuid.MustParse(again.Get("order_id")), store.Waiting)

	// With every type gone there is no box at all.
	rest, third := w.fan(), w.fan()
	id := uuid.New()
	rest.post("/events/"+e.Slug+"/orders", orderForm(id, e, 1, 2)).want(http.StatusSeeOther)
	rest.await(id, store.Paid)
	w.Eventually("the event is sold out", func() bool {
		return !strings.Contains(third.get("/events/"+e.Slug).body, `type="checkbox"`)
	})
	third.get("/events/" + e.Slug).says(`type="hidden" name="keep" value="on"`).silent("Se esgotar")
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	found, _, also := strings.Cut(rest, after)
	if !ok || !also {
		t.Fatalf("nothing stands between %q and %q", before, after)
	}
	return found
}

func TestASecondWishIsAnswered(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 9}, store.TicketType{Name: "Frisa", PriceCents: 2000, Capacity: 9})
	fan := w.fan()
	second := fan.filled(e, e.Types[1].ID, "2") // a tab that stays open
	first := fan.join(e, 1)
	path := "/orders/" + first.String()
	fan.get(path).silent(said(views.OpenOrder))
	fan.post("/events/"+e.Slug+"/orders", second).leadsTo(path)
	fan.get(path).says(said(views.OpenOrder))
	// The first form again is no second wish.
	fan.post("/events/"+e.Slug+"/orders", orderForm(first, e, 0, 1)).leadsTo(path)
	fan.get(path).silent(said(views.OpenOrder))
}

func TestTheLengthOfTheLineIsSaidBeforeTheClick(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 4}, store.TicketType{Name: "Frisa", PriceCents: 2000, Capacity: 50})
	nobody, fan := w.visitor(), w.fan()
	says := func(text string) {
		t.Helper()
		w.Eventually("the page says "+text, func() bool { return strings.Contains(nobody.get("/events/"+e.Slug).body, text) })
	}
	nobody.get("/events/" + e.Slug).want(http.StatusOK).silent("pedido na fila").silent("pedidos na fila")
	w.stopGenerator()
	w.fan().join(e, 1)
	says("1 ingresso pedido na fila<")
	w.fan().join(e, 4)
	says("5 ingressos pedidos na fila: quem entra agora só consegue se alguém desistir")
	fan.get("/events/" + e.Slug).says("5 ingressos pedidos na fila").says("Restam 4").says("Restam 50")
}

func TestTheLengthOfAPausedLineIsSaidToo(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", PriceCents: 1000, Capacity: 4})
	admin, fan := w.signedIn(w.admin), w.fan()
	admin.post("/admin/events/"+itoa(e.ID)+"/pause", nil).want(http.StatusSeeOther)
	w.fan().join(e, 4)
	w.fan().join(e, 2)
	w.Eventually("the page says what is asked for", func() bool {
		return strings.Contains(fan.get("/events/"+e.Slug).body, "6 ingressos pedidos na fila: quem entra agora só consegue se alguém desistir")
	})
	id := fan.join(e, 1)
	w.Eventually("the order's page says both", func() bool {
		body := fan.get("/orders/" + id.String()).want(http.StatusOK).body
		return strings.Contains(body, "A venda está em pausa por um momento") && strings.Contains(body, "Quem está na sua frente já pediu todos")
	})
}

func TestSigningInOnTheWayKeepsWhatWasAskedFor(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Pista", Capacity: 9}, store.TicketType{Name: "Frisa", Capacity: 9})
	fan := w.fan()
	id := fan.join(e, 2)
	fan.await(id, store.Paid) // they are free
	o := w.order(id)
	sent := func(path string, form url.Values) string {
		t.Helper()
		v := w.visitor()
		login := v.post(path, form).want(http.StatusSeeOther).header.Get("Location")
		u, err := url.Parse(login)
		if err != nil || u.Path != "/login" {
			t.Fatalf("%s leads to %q", path, login)
		}
		next := u.Query().Get("next")
		// Both ways in lead there, also after a mistake and in another language.
		v.get(login).want(http.StatusOK).says("/register?next=" + strings.ReplaceAll(url.QueryEscape(next), "&", "&amp;"))
		wrong := v.post("/login", url.Values{"email": {fan.account.Email}, "password": {"wrong horse"}, "next": {next}})
		wrong.want(http.StatusUnprocessableEntity).says(`name="next" value="` + strings.ReplaceAll(next, "&", "&amp;") + `"`)
		v.post("/login", url.Values{"email": {fan.account.Email}, "password": {testPassword}, "next": {next}}).leadsTo(next)
		return v.get(next).want(http.StatusOK).body
	}
	frisa := itoa(e.Types[1].ID)
	page := sent("/events/"+e.Slug+"/orders", url.Values{"order_id": {uuid.NewString()}, "ticket_type": {frisa}, "quantity": {"2"}, "keep": {"on"}})
	for _, kept := range []string{`value="` + frisa + `" required checked`, `<option value="2" selected`, `name="keep" value="on" checked`} {
		if !strings.Contains(page, kept) {
			t.Errorf("signing in loses %s", kept)
		}
	}
	page = sent("/events/"+e.Slug+"/orders", url.Values{"ticket_type": {frisa}, "quantity": {"1"}})
	if strings.Contains(page, `name="keep" value="on" checked`) {
		t.Error("signing in ticks what was not ticked")
	}
	page = sent("/orders/"+o.ID.String()+"/refunds", url.Values{"ticket": {itoa(o.Tickets[1].ID)}, "confirm": {"yes"}})
	if !strings.Contains(page, `name="ticket" value="`+itoa(o.Tickets[1].ID)+`"`) || strings.Contains(page, `name="ticket" value="`+itoa(o.Tickets[0].ID)+`"`) {
		t.Errorf("signing in loses which ticket was to go back:\n%s", page)
	}
	w.untouched(o.ID)
	for _, form := range []string{"pay", "extend", "leave"} {
		sent("/orders/"+o.ID.String()+"/"+form, nil)
	}
}

func TestTheLanguageChangesWithoutLosingWhatWasChosen(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	form := orderForm(uuid.New(), e, 0, 9)
	form.Set("keep", "on")
	page := fan.post("/events/"+e.Slug+"/orders", form).want(http.StatusUnprocessableEntity)
	next := strings.ReplaceAll(between(t, page.body, `name="next" value="`, `"`), "&amp;", "&")
	fan.post("/language", url.Values{"language": {"en"}, "next": {next}}).leadsTo(next)
	fan.get(next).want(http.StatusOK).says(`name="keep" value="on" checked`).says("Join the line")
}

func TestAPasswordIsExplainedBeforeItFails(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	v.get("/register").want(http.StatusOK).says("Pelo menos 8 caracteres").says(`data-reveal="password"`).silent("Digite a senha de novo")
	v.get("/login").want(http.StatusOK).says(`data-reveal="password"`).silent("Digite a senha de novo").silent("Pelo menos 8")
	page := v.post("/register", url.Values{"name": {"Ana"}, "email": {"ana@guiche.test"}, "cpf": {"111"}, "password": {"correct horse"}})
	page.want(http.StatusUnprocessableEntity).says("Digite a senha de novo").says("O resto do que você digitou continua aqui").silent("correct horse")
	v.post("/login", url.Values{"email": {"ana@guiche.test"}, "password": {"correct horse"}}).want(http.StatusUnprocessableEntity).says("Digite a senha de novo")
}
