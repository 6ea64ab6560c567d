package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// ofABrowser is what a browser says that it takes.
var ofABrowser = []string{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

func TestABrowserIsLedToThePaymentPageByAPlainLink(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 2)
	page := "/orders/" + id.String()
	for range 2 { // the second press finds the open charge
		fan.post(page+"/pay", nil, ofABrowser...).leadsTo(page)
	}
	fan.get(page, ofABrowser...).says("Ir para o pagamento").says("traz você de volta para cá").
		says(`href="` + w.order(id).Charge.PayURL + `"`)
	fan.get(strings.TrimPrefix(fan.press(w.order(id).Charge.PayURL, "approve"), w.url)).leadsTo(page)
	fan.await(id, store.Paid)
}

func TestAProgramGetsTheAddressOfThePaymentPage(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	id := fan.reserve(w.createEvent(nil), 1)
	for _, accept := range [][]string{nil, {"Accept", "*/*"}, {"Accept", "application/json"}} {
		to := fan.post("/orders/"+id.String()+"/pay", nil, accept...).want(http.StatusSeeOther).header.Get("Location")
		if to != w.order(id).Charge.PayURL || to == "" {
			t.Errorf("%v: paying leads to %q", accept, to)
		}
	}
}

func TestNoFormLeadsToAnotherSite(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	for _, path := range []string{"/", "/events/" + e.Slug, "/orders/" + id.String(), "/orders/" + uuid.NewString()} {
		if policy := fan.get(path).header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action 'self'") {
			t.Errorf("%s: %q", path, policy)
		}
	}
}
