package web

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// sentBack waits until an order's refunds are paid and returns what the gateway says it sent back.
func (w *world) sentBack(id uuid.UUID) int64 {
	w.T.Helper()
	w.Eventually("the money is sent back", func() bool {
		refunds := w.order(id).Refunds
		for _, r := range refunds {
			if r.Status != store.RefundDone {
				return false
			}
		}
		return len(refunds) > 0
	})
	c, err := w.gateway.Get(w.T.Context(), w.order(id).Charge.GatewayID)
	if err != nil {
		w.T.Fatal(err)
	}
	return c.RefundedCents
}

// allTickets is how a program asks for all of an order's tickets to be given back.
var allTickets = url.Values{"all": {"yes"}}

func TestGivingOneTicketBackAndThenTheRest(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 3)
	path := "/orders/" + o.ID.String()
	page := fan.get(path + "/refunds").want(http.StatusOK)
	page.says(`value="` + itoa(o.Tickets[0].ID) + `"`).says("R$\u00a011,00").says("R$\u00a033,00")

	one := url.Values{"ticket": {itoa(o.Tickets[1].ID)}}
	fan.post(path+"/refunds", one).leadsTo(path)
	fan.get(path).want(http.StatusOK).says(said(views.RefundAsked(1100, "BRL")))
	w.free(e, 98)
	if sent := w.sentBack(o.ID); sent != 1100 {
		t.Errorf("%d cents were sent back", sent)
	}
	fan.post(path+"/refunds", one).leadsTo(path) // a second click is told what the first one was
	fan.get(path).says(said(views.RefundAsked(1100, "BRL"))).silent(said(views.NotPossible))
	now := fan.order(o.ID)
	for i, want := range []store.TicketStatus{store.TicketValid, store.TicketVoid, store.TicketValid} {
		if now.Tickets[i].Status != want {
			t.Errorf("ticket %d is %s, want %s", i, now.Tickets[i].Status, want)
		}
	}
	if now.Status != store.Paid {
		t.Errorf("a partly refunded order is %s", now.Status)
	}

	fan.post(path+"/refunds", allTickets).leadsTo(path) // all that are left
	fan.await(o.ID, store.Refunded)
	w.free(e, 100)
	if sent := w.sentBack(o.ID); sent != 3300 {
		t.Errorf("%d cents were sent back", sent)
	}
	fan.get(path + "/refunds").want(http.StatusOK).says(said(views.RefundNothing))
	fan.get(path).want(http.StatusOK)
}

func TestTenClicksSendTheMoneyOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	o := fan.buy(e, 2)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if a, err := fan.try(http.MethodPost, "/orders/"+o.ID.String()+"/refunds", allTickets.Encode(),
				"Content-Type", "application/x-www-form-urlencoded"); err != nil || a.status != http.StatusSeeOther {
				t.Errorf("status %d, %v", a.status, err)
			}
		})
	}
	all.Wait()
	fan.await(o.ID, store.Refunded)
	w.free(e, 100)
	if sent := w.sentBack(o.ID); sent != 2200 || len(w.order(o.ID).Refunds) != 1 {
		t.Errorf("%d cents in %d refunds", sent, len(w.order(o.ID).Refunds))
	}
}

func TestGivingBackOutsideThePolicy(t *testing.T) {
	for name, try := range map[string]struct {
		change string
		want   views.Message
	}{
		"too long after paying": {`update orders set paid_at = now() - interval '8 days'`, views.RefundTooLate},
		"too near the show": {`update orders set paid_at = now() - interval '9 days', refund_days = 30;
			update events set starts_at = now() + interval '47 hours'`, views.RefundTooNear},
		"the show has begun": {`update events set starts_at = now() - interval '1 minute'`, views.RefundTooNear},
		"used at the gate":   {`update tickets set status = 'used'`, views.RefundNothing},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := w.createEvent(nil)
			fan := w.fan()
			o := fan.buy(e, 1)
			if _, err := w.Raw.Exec(try.change); err != nil {
				t.Fatal(err)
			}
			w.server.shop.catalog.forget()
			path := "/orders/" + o.ID.String()
			fan.get(path + "/refunds").want(http.StatusOK).says(said(try.want)).silent(`type="checkbox"`)
			if a := fan.post(path+"/refunds", nil); try.want == views.RefundNothing {
				a.leadsTo(path)
			} else {
				a.want(http.StatusUnprocessableEntity).says(said(try.want))
			}
			if len(w.order(o.ID).Refunds) != 0 {
				t.Error("it was given back")
			}
			w.free(e, 99)
		})
	}
}

func TestRefundsOfOthersAndOfNothing(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan, other := w.fan(), w.fan()
	mine, theirs := fan.buy(e, 1), other.buy(e, 1)
	path := "/orders/" + mine.ID.String() + "/refunds"
	for _, ticket := range []string{itoa(theirs.Tickets[0].ID), "0", "-1", "x", "99999999999999999999", "1e3", " "} {
		form := url.Values{"ticket": {itoa(mine.Tickets[0].ID), ticket}}
		fan.post(path, form).want(http.StatusUnprocessableEntity).says(said(views.TicketNotYours))
	}
	for _, body := range []string{"ticket=%ff%fe", "ticket=1%00", "ticket=%zz"} {
		fan.send(http.MethodPost, path, body, "Content-Type", "application/x-www-form-urlencoded").want(http.StatusUnprocessableEntity)
	}
	other.get(path).want(http.StatusNotFound)
	other.post(path, nil).want(http.StatusNotFound)
	fan.get("/orders/" + uuid.NewString() + "/refunds").want(http.StatusNotFound)
	fan.get("/orders/17/refunds").want(http.StatusNotFound)
	held := fan.reserve(e, 1)
	fan.get("/orders/" + held.String() + "/refunds").want(http.StatusOK).says(said(views.RefundNothing))
	fan.post("/orders/"+held.String()+"/refunds", nil).leadsTo("/orders/" + held.String())
	w.stopGenerator()
	queued := other.join(e, 1)
	other.get("/orders/" + queued.String() + "/refunds").want(http.StatusOK).says(said(views.RefundNothing))
	other.post("/orders/"+queued.String()+"/refunds", nil).leadsTo("/orders/" + queued.String())
	for _, o := range []store.Order{mine, theirs} {
		if now := w.order(o.ID); len(now.Refunds) != 0 || now.Tickets[0].Status != store.TicketValid {
			t.Errorf("the order is %+v", now)
		}
	}
	// The same ticket ticked twice is one ticket.
	w.startGenerator()
	fan.post(path, url.Values{"ticket": {itoa(mine.Tickets[0].ID), itoa(mine.Tickets[0].ID)}}).want(http.StatusSeeOther)
	fan.await(mine.ID, store.Refunded)
	if sent := w.sentBack(mine.ID); sent != 1100 {
		t.Errorf("%d cents were sent back", sent)
	}
}

func TestWhyNothingComesBack(t *testing.T) {
	now := time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)
	valid := []store.Ticket{{Status: store.TicketValid}, {Status: store.TicketVoid}}
	for name, try := range map[string]struct {
		status store.OrderStatus
		ticket []store.Ticket
		paid   time.Time
		show   time.Time
		want   views.Message
	}{
		"in time":          {store.Paid, valid, now.AddDate(0, 0, -6), now.AddDate(0, 1, 0), views.Message{}},
		"at the last":      {store.Paid, valid, now.AddDate(0, 0, -7), now.Add(48 * time.Hour), views.Message{}},
		"too late":         {store.Paid, valid, now.AddDate(0, 0, -8), now.AddDate(0, 1, 0), views.RefundTooLate},
		"near, by the law": {store.Paid, valid, now.AddDate(0, 0, -1), now.Add(47 * time.Hour), views.Message{}},
		"too near":         {store.Paid, valid, now.AddDate(0, 0, -9), now.Add(47 * time.Hour), views.RefundTooNear},
		"both":             {store.Paid, valid, now.AddDate(0, 0, -9), now.Add(time.Hour), views.RefundTooNear},
		"held":             {store.Reserved, valid, now, now.AddDate(0, 1, 0), views.RefundNothing},
		"all given back":   {store.Paid, valid[1:], now, now.AddDate(0, 1, 0), views.RefundNothing},
		"nothing to give":  {store.Paid, nil, now, now.AddDate(0, 1, 0), views.RefundNothing},
	} {
		o := store.Order{Status: try.status, Tickets: try.ticket, PaidAt: try.paid}
		o.RefundPolicy = store.RefundPolicy{RefundDays: 7, RefundHours: 48}
		if got := refundRefusal(o, store.Event{StartsAt: try.show}, now); got != try.want {
			t.Errorf("%s: %q, want %q", name, got.Key, try.want.Key)
		}
	}
}

func TestFreeTicketsAreGivenBackWithoutMoney(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil, store.TicketType{Name: "Livre", Capacity: 5})
	fan := w.fan()
	id := fan.join(e, 2)
	fan.await(id, store.Paid)
	fan.post("/orders/"+id.String()+"/pay", nil).leadsTo("/orders/" + id.String())
	fan.post("/orders/"+id.String()+"/refunds", allTickets).leadsTo("/orders/" + id.String())
	fan.await(id, store.Refunded)
	w.free(e, 5)
	if page := fan.get("/orders/" + id.String()); strings.Contains(page.body, "R$\u00a00,00") {
		t.Error("nothing is said to be on its way back")
	}
}
