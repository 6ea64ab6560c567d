package web

import (
	"testing"
	"time"

	"guiche/store"
)

func TestANoticeAboutAnEarlierCodeStopsTheClockToo(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	fan.pay(id)
	earlier := w.order(id).Charge
	if _, err := w.DB.SettleCharge(t.Context(), earlier.ID, store.Verdict{Status: store.ChargeCancelled}); err != nil {
		t.Fatal(err)
	}
	fan.pay(id) // she begins anew, and pays the earlier code all the same
	w.stopWorker()
	w.notice(noticeBody("ev_1", earlier.ID.String()), time.Now()).want(200)
	if page := fan.get("/orders/" + id.String()).says("Ainda não paguei"); asksForMoney(page) {
		t.Error("money may be on its way, and she is asked for it")
	}
}
