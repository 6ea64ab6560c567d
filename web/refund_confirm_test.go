package web

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// untouched fails the test unless an order's tickets are all valid and nothing of it was refunded.
func (w *world) untouched(id uuid.UUID) {
	w.T.Helper()
	o := w.order(id)
	for _, t := range o.Tickets {
		if t.Status != store.TicketValid || len(o.Refunds) > 0 {
			w.T.Fatalf("ticket %d is %s, and there are %d refunds", t.Number, t.Status, len(o.Refunds))
		}
	}
}

// confirmation is the form of a page that asks once more.
func (a answer) confirmation() url.Values {
	a.t.Helper()
	a.want(http.StatusOK).says(`method="post"`)
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		form.Add(m[1], html.UnescapeString(m[2]))
	}
	return form
}

func TestNothingTickedGivesNothingBack(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 3)
	path := "/orders/" + o.ID.String() + "/refunds"
	for _, form := range []url.Values{nil, {"confirm": {"yes"}}, {"all": {"no"}}, {"all": {""}}, {"amount": {"3300"}}} {
		fan.post(path, form).want(http.StatusUnprocessableEntity).says(said(views.TicketNone)).says(`type="checkbox"`)
	}
	fan.get(path + "?confirm=yes").want(http.StatusUnprocessableEntity).says(said(views.TicketNone))
	fan.get(path).want(http.StatusOK).silent(said(views.TicketNone)).silent(" checked")
	w.untouched(o.ID)
	w.free(e, 97)
}

func TestTicketsAndSumAreNamedBeforeTheyGo(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, other := w.fan(), w.fan()
	o := fan.buy(e, 3)
	path := "/orders/" + o.ID.String() + "/refunds"
	first, second := itoa(o.Tickets[0].ID), itoa(o.Tickets[1].ID)
	page := fan.get(path + "?confirm=yes&ticket=" + first + "&ticket=" + second)
	page.want(http.StatusOK).says("Confirme a devolução").says("estes 2 ingressos").says("R$\u00a022,00").silent("R$\u00a033,00")
	for i, named := range []bool{true, true, false} {
		number := "nº " + padded(o.Tickets[i].Number)
		if strings.Contains(page.body, number) != named {
			t.Errorf("ticket %s: named %v", number, !named)
		}
	}
	w.untouched(o.ID) // looking changes nothing
	other.get(path + "?confirm=yes&all=yes").want(http.StatusNotFound)
	fan.get(path + "?confirm=yes&ticket=999999").want(http.StatusUnprocessableEntity).says(said(views.TicketNotYours))
	all := fan.get(path + "?confirm=yes&all=yes")
	if form := all.confirmation(); len(form["ticket"]) != 3 || form.Get("amount") != "3300" {
		t.Errorf("all of them are %v", form)
	}
	fan.post(path, page.confirmation()).leadsTo("/orders/" + o.ID.String())
	fan.get("/orders/" + o.ID.String()).says(said(views.RefundAsked(2200, "BRL")))
	if sent := w.sentBack(o.ID); sent != 2200 {
		t.Errorf("%d cents were sent back", sent)
	}
	// The page for all of them, confirmed late, is not true any more.
	late := fan.post(path, all.confirmation()).want(http.StatusConflict)
	late.says(said(views.TicketNotYours)).says(itoa(o.Tickets[2].ID)).silent(`value="` + first + `"`)
	// And what was confirmed before is said again, not that it failed.
	fan.post(path, page.confirmation()).leadsTo("/orders/" + o.ID.String())
	fan.get("/orders/" + o.ID.String()).says(said(views.RefundAsked(2200, "BRL"))).silent(said(views.NotPossible))
	if n := len(w.order(o.ID).Refunds); n != 1 {
		t.Errorf("%d refunds", n)
	}
}

func padded(n int64) string { return strings.Repeat("0", max(0, 4-len(itoa(n)))) + itoa(n) }

func TestTheLastTicketIsAskedAboutToo(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 1)
	path := "/orders/" + o.ID.String() + "/refunds"
	fan.get(path).want(http.StatusOK).says(" checked").silent(`name="all"`)
	page := fan.get(path + "?confirm=yes&ticket=" + itoa(o.Tickets[0].ID))
	w.untouched(o.ID)
	fan.post(path, page.says("este ingresso").confirmation()).leadsTo("/orders/" + o.ID.String())
	fan.await(o.ID, store.Refunded)
	fan.post(path, allTickets).leadsTo("/orders/" + o.ID.String())
	fan.get("/orders/" + o.ID.String()).says(said(views.RefundAsked(1100, "BRL")))
}

func TestAnotherSumThanShownIsNotGivenBackUnseen(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, admin := w.fan(), w.signedIn(w.admin)
	o := fan.buy(e, 2)
	path := "/orders/" + o.ID.String() + "/refunds"
	form := fan.get(path + "?confirm=yes&all=yes").confirmation()
	// The box office gives something back meanwhile: less is left.
	admin.post("/admin/orders/"+o.ID.String()+"/refunds", url.Values{
		"refund_id": {uuid.NewString()}, "amount": {"15,00"}, "note": {"chuva"},
	}).want(http.StatusSeeOther)
	page := fan.post(path, form).want(http.StatusConflict)
	page.says(said(views.RefundChanged(2200, "BRL"))).says("R$\u00a07,00")
	if w.order(o.ID).Tickets[0].Status != store.TicketValid {
		t.Fatal("the tickets went")
	}
	page.status = http.StatusOK
	fan.post(path, page.confirmation()).leadsTo("/orders/" + o.ID.String())
	fan.await(o.ID, store.Refunded)
}

func TestFreeTicketsAreConfirmedWithoutTalkOfMoney(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 5})
	fan := w.fan()
	id := fan.join(e, 2)
	fan.await(id, store.Paid)
	path := "/orders/" + id.String() + "/refunds"
	fan.get(path).want(http.StatusOK).silent("R$").silent("Pix")
	page := fan.get(path + "?confirm=yes&all=yes").silent("R$").silent("receber o dinheiro")
	fan.post(path, page.confirmation()).leadsTo("/orders/" + id.String())
	fan.await(id, store.Refunded)
	fan.post(path, page.confirmation()).leadsTo("/orders/" + id.String())
	fan.get("/orders/" + id.String()).silent(said(views.NotPossible))
}
