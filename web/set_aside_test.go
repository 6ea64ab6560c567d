package web

import (
	"net/http"
	"strings"
	"testing"

	"guiche/jobs"
	"guiche/store"
	"guiche/views"
)

// TestAnOrderThatCanNeverBeDecidedLetsItsFanGo spoils an order in line, as a fault of ours would: its fan is told, may join
// again and gets her ticket; the admin and the audit hear of it.
func TestAnOrderThatCanNeverBeDecidedLetsItsFanGo(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	fan, other := w.fan(), w.fan()
	id := fan.join(e, 1)
	key := jobs.TaskKey(jobs.QueuePurchases, id.String())
	message, err := w.Redis.HGet(t.Context(), key, "msg").Result()
	if err != nil {
		t.Fatal(err)
	}
	spoiled := strings.Replace(message, `"Quantity":1`, `"Quantity":0`, 1)
	if spoiled == message {
		t.Fatalf("no quantity in %q", message)
	}
	if err := w.Redis.HSet(t.Context(), key, "msg", spoiled).Err(); err != nil {
		t.Fatal(err)
	}
	behind := other.join(e, 1)
	w.startGenerator()
	other.await(behind, store.Reserved)
	fan.await(id, store.Left)
	fan.get("/orders/" + id.String()).want(http.StatusOK).
		says(views.T(views.WithLanguage(t.Context(), views.Portuguese), "order.set_aside"))
	fan.await(fan.join(e, 1), store.Reserved)
	findings, err := w.Line.SetAside(t.Context())
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Place, id.String()) {
		t.Errorf("the audit hears %+v, %v", findings, err)
	}
	w.signedIn(w.admin).get("/admin").want(http.StatusOK).says("guiche audit")
	other.get("/orders/" + id.String()).want(http.StatusNotFound)
}

// TestWhoWaitsHearsWhenNobodyDecides stops the generator under a line.
func TestWhoWaitsHearsWhenNobodyDecides(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	fan := w.fan()
	id := fan.join(e, 1)
	words := views.T(views.WithLanguage(t.Context(), views.Portuguese), "order.nobody_decides")
	admin := w.signedIn(w.admin)
	fan.get("/orders/" + id.String()).silent(words)
	w.Eventually("she hears that nobody decides", func() bool {
		return strings.Contains(fan.get("/orders/"+id.String()).body, words)
	})
	admin.get("/admin").says("Nenhum gerador dá sinal")
	w.startGenerator()
	fan.await(id, store.Reserved)
	admin.get("/admin").silent("Nenhum gerador dá sinal")
}
