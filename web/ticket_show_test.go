package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

func TestATicketIsShownToItsHolder(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) { e.Name = "Noite & Dia" })
	fan := w.fan()
	fan.get("/tickets").want(http.StatusOK).silent("/tickets/1")
	o := fan.buy(e, 2)
	list := fan.get("/tickets").want(http.StatusOK).says("Noite &amp; Dia").says("Pista")
	for _, ticket := range o.Tickets {
		path := "/tickets/" + itoa(ticket.ID)
		list.says(`href="` + path + `"`)
		page := fan.get(path).want(http.StatusOK).says("Noite &amp; Dia").says(path + ".pdf").says("<svg")
		if page.header.Get("Cache-Control") != "no-store" {
			t.Error("a ticket may stay in a cache")
		}
		pdf := fan.get(path + ".pdf").want(http.StatusOK)
		if !bytes.HasPrefix([]byte(pdf.body), []byte("%PDF-")) || pdf.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the PDF is %q, %.20q", pdf.header.Get("Content-Type"), pdf.body)
		}
		if got, want := pdf.header.Get("Content-Disposition"), fmt.Sprintf(`inline; filename="guiche-%s-%04d.pdf"`, e.Slug, ticket.Number); got != want {
			t.Errorf("the PDF is called %s, want %s", got, want)
		}
	}
}

func TestATicketThatOpensNoGateHasNoCode(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 1)
	held := w.order(fan.reserve(e, 1))
	db := w.Raw
	for _, try := range []struct {
		ticket store.Ticket
		status store.TicketStatus
		key    string
	}{
		{o.Tickets[0], store.TicketUsed, "ticket.used"},
		{o.Tickets[0], store.TicketVoid, "ticket.void"},
		{held.Tickets[0], store.TicketReserved, "ticket.reserved"},
	} {
		if _, err := db.Exec(`update tickets set status = $2 where id = $1`, try.ticket.ID, try.status); err != nil {
			t.Fatal(err)
		}
		path := "/tickets/" + itoa(try.ticket.ID)
		fan.get(path).want(http.StatusOK).says(said(views.Message{Key: try.key})).silent(said(views.Message{Key: "ticket.qr"}))
		fan.get(path + ".pdf").leadsTo(path)
	}
}

func TestTicketsOfOthersAreNotFound(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	o := w.fan().buy(e, 1)
	other := w.fan()
	own := "/tickets/" + itoa(o.Tickets[0].ID)
	for _, path := range []string{
		own, own + ".pdf", "/tickets/0", "/tickets/-1", "/tickets/x", "/tickets/.pdf", "/tickets/1.pdf.pdf", "/tickets/+1", "/tickets/01",
		"/tickets/99999999999999999999", "/tickets/%00", "/tickets/" + uuid.NewString(),
	} {
		other.get(path).want(http.StatusNotFound)
		if where := w.visitor().get(path).want(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(where, "/login") {
			t.Errorf("%s: somebody unknown is led to %q", path, where)
		}
	}
	other.get("/tickets").want(http.StatusOK).silent(own)
}
