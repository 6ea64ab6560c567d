package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"guiche/store"
	"guiche/views"
)

// asksForMoney says that an order's page asks for the money at once, with a clock.
func asksForMoney(page answer) bool {
	before, _, _ := strings.Cut(page.body, "Ainda não paguei")
	return strings.Contains(before, "Pague em até") || strings.Contains(before, "pix-code") || strings.Contains(before, `id="pay-go"`)
}

// waitsForTheBank reads live updates until one says so.
func (w *world) waitsForTheBank(live <-chan event) {
	w.T.Helper()
	for {
		e, ok := w.next(live)
		if !ok {
			w.T.Fatal("the live updates ended before they said that the bank is waited for")
		}
		if strings.Contains(e.data, "Estamos esperando o banco") {
			return
		}
	}
}

func TestWhoHasPaidIsNotAskedAgainThoughNoWorkerLives(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 2)
	payURL := fan.pay(id)
	w.stopWorker()
	page := "/orders/" + id.String()
	if !asksForMoney(fan.get(page).want(http.StatusOK)) {
		t.Fatal("before paying she is not asked for the money")
	}
	live := fan.follow(id, "")
	back := strings.TrimPrefix(fan.press(payURL, "approve"), w.url)
	fan.get(back).leadsTo(page)
	after := fan.get(page).says("Estamos esperando o banco").silent("/leave")
	if asksForMoney(after) {
		t.Error("she has paid, and is asked for the money")
	}
	w.waitsForTheBank(live)
	fan.post(page+"/leave", nil).leadsTo(page) // forms of an older page
	fan.post(page+"/pay", nil).leadsTo(page)
	fan.get(page).says(views.NotPossible.In(t.Context()))
	if o := fan.order(id); o.Status != store.Reserved {
		t.Errorf("a form of an older page made it %s", o.Status)
	}
	w.startWorker()
	fan.await(id, store.Paid)
}

func TestANoticeThatNobodyLookedIntoStopsTheClock(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	fan.pay(id)
	w.stopWorker()
	live := fan.follow(id, "")
	w.next(live)
	w.notice(noticeBody("ev_1", w.order(id).Charge.ID.String()), time.Now()).want(http.StatusOK)
	w.waitsForTheBank(live)
	if page := fan.get("/orders/" + id.String()).says("Ainda não paguei"); asksForMoney(page) {
		t.Error("money may be on its way, and she is asked for it")
	}
	w.startWorker() // it asks the gateway: nothing was paid
	w.settled()
	if !asksForMoney(fan.get("/orders/" + id.String())) {
		t.Error("nothing was paid, and she cannot pay any more")
	}
}

func TestWhoComesBackWithoutPayingCanStillPay(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	page := "/orders/" + id.String()
	fan.get(page + "?back=1").leadsTo(page) // though nothing was begun
	fan.get(strings.TrimPrefix(fan.press(fan.pay(id), "abandon"), w.url)).leadsTo(page)
	if !asksForMoney(fan.get(page)) {
		t.Error("she cannot pay any more")
	}
	w.fan().get(page + "?back=1").want(http.StatusNotFound)
}

func TestWhoComesBackIsToldWhenThePaymentAPIDoesNotSayWhatSheDid(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	fan.pay(id)
	if _, err := w.Raw.Exec(`update charges set gateway_id = 'nobody knows it' where order_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	fan.get("/orders/" + id.String() + "?back=1").leadsTo("/orders/" + id.String())
	fan.get("/orders/" + id.String()).says(views.PaymentUnsure.In(t.Context()))
}
