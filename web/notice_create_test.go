package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/payment"
	"guiche/store"
)

// noticeBody is what the provider sends.
func noticeBody(id, reference string) string {
	return fmt.Sprintf(`{"id":%q,"type":"charge.paid","reference":%q}`, id, reference)
}

// notice sends a notice as the provider would, signed at a moment.
func (w *world) notice(body string, at time.Time) answer {
	w.T.Helper()
	mac := hmac.New(sha256.New, []byte(providerSecret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return w.visitor().send(http.MethodPost, "/webhooks/sandbox", body,
		"Sandbox-Signature", fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil)), "Content-Type", "application/json")
}

// noticeOf is the notice ev_1 as the store keeps it.
func noticeOf(chargeID uuid.UUID) store.Notice {
	return store.Notice{Gateway: "sandbox", EventID: "ev_1", ChargeID: uuid.NullUUID{UUID: chargeID, Valid: true}}
}

func TestANoticeIsTakenOnceAndWithoutAWord(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.pay(id)
	charge := w.order(id).Charge
	for range 3 {
		if a := w.notice(noticeBody("ev_1", charge.ID.String()), time.Now()).want(http.StatusOK); a.body != "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("answered %q with cookie %q", a.body, a.header.Get("Set-Cookie"))
		}
	}
	_, fresh, err := w.DB.SaveNotice(t.Context(), noticeOf(charge.ID))
	if err != nil || fresh {
		t.Errorf("the notice was not stored: %v", err)
	}
	// A notice is a hint: the gateway says that nothing was paid.
	w.settled()
	if o := fan.order(id); o.Status != store.Reserved {
		t.Errorf("a notice alone made the order %s", o.Status)
	}
}

func TestANoticeAsksForOneLookAtOnce(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.pay(id)
	w.stopWorker()
	for range 3 {
		w.notice(noticeBody("ev_1", w.order(id).Charge.ID.String()), time.Now()).want(http.StatusOK)
	}
	if n := w.looks(); n != 1 {
		t.Errorf("a notice that came three times asks for %d looks", n)
	}
}

func TestNoticesThatAreNone(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.press(fan.pay(id), "abandon")
	charge := w.order(id).Charge.ID.String()
	good := noticeBody("ev_1", charge)
	post := func(path, body string, header ...string) answer {
		return w.visitor().send(http.MethodPost, path, body, header...)
	}
	for name, try := range map[string]struct {
		got  answer
		want int
	}{
		"unsigned":          {post("/webhooks/sandbox", good), http.StatusUnauthorized},
		"forged":            {post("/webhooks/sandbox", good, "Sandbox-Signature", fmt.Sprintf("t=%d,v1=%064x", time.Now().Unix(), 7)), http.StatusUnauthorized},
		"no JSON":           {w.notice(`{"id":`, time.Now()), http.StatusBadRequest},
		"no fields":         {w.notice(`{}`, time.Now()), http.StatusBadRequest},
		"no UUID":           {w.notice(noticeBody("ev_2", "42"), time.Now()), http.StatusBadRequest},
		"NUL in its id":     {w.notice(`{"id":"ev\u0000","type":"charge.paid","reference":"`+charge+`"}`, time.Now()), http.StatusBadRequest},
		"nobody's charge":   {w.notice(noticeBody("ev_3", uuid.NewString()), time.Now()), http.StatusOK},
		"of a slow clock":   {w.notice(noticeBody("ev_4", uuid.NewString()), time.Now().Add(-time.Hour)), http.StatusOK},
		"unknown gateway":   {post("/webhooks/other", good), http.StatusNotFound},
		"too large":         {w.notice(`{"id":"`+strings.Repeat("x", maxBody)+`"}`, time.Now()), http.StatusRequestEntityTooLarge},
		"from another site": {post("/webhooks/sandbox", good, "Sec-Fetch-Site", "cross-site", "Origin", "http://evil.test"), http.StatusUnauthorized},
	} {
		if try.got.status != try.want {
			t.Errorf("%s: status %d, want %d", name, try.got.status, try.want)
		}
	}
	if _, fresh, err := w.DB.SaveNotice(t.Context(), noticeOf(uuid.MustParse(charge))); err != nil || !fresh {
		t.Errorf("a refused notice was stored: %v", err)
	}
}

// otherGateway is one that took charges earlier; its notices say whatever a test wants.
type otherGateway struct {
	payment.Gateway
	notice payment.Notice
	err    error
}

func (*otherGateway) Name() string { return "other" }

func (g *otherGateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	if d.Query.Get("signed") == "" {
		return payment.Notice{}, payment.ErrSignature
	}
	return g.notice, g.err
}

func TestAnEarlierGatewayIsHeard(t *testing.T) {
	g := &otherGateway{}
	w := newWorld(t, func(c *Config) { c.Gateways = payment.NewGateways(c.Gateways.Current(), g) })
	w.stopWorker()
	tell := func(n payment.Notice, err error, want int) {
		t.Helper()
		g.notice, g.err = n, err
		w.visitor().send(http.MethodPost, "/webhooks/other?signed=1", "{}").want(want)
	}
	w.visitor().send(http.MethodPost, "/webhooks/other", "{}").want(http.StatusUnauthorized)
	tell(payment.Notice{}, payment.ErrOtherNotice, http.StatusOK)
	tell(payment.Notice{}, payment.ErrNotice, http.StatusBadRequest)
	tell(payment.Notice{ID: "ev_1"}, nil, http.StatusBadRequest)
	tell(payment.Notice{ID: "ev_1", Reference: "42"}, nil, http.StatusBadRequest)
	tell(payment.Notice{ID: "ev_1", ChargeID: "\xff"}, nil, http.StatusBadRequest)
	tell(payment.Notice{ID: "ev_1", Reference: uuid.NewString()}, nil, http.StatusOK) // nobody's
	if n, err := w.DB.NamelessNotices(t.Context(), 10); err != nil || len(n) != 0 {
		t.Errorf("kept %v, %v", n, err)
	}
	// A charge that the gateway knows by its own id alone: the worker asks it.
	for range 2 {
		tell(payment.Notice{ID: "ev_1", ChargeID: "payment-1", Reference: "of another program"}, nil, http.StatusOK)
	}
	n, err := w.DB.NamelessNotice(t.Context(), "other", "ev_1")
	if err != nil || n.GatewayID != "payment-1" {
		t.Errorf("kept %+v, %v", n, err)
	}
}

func TestACopiedNoticeIsNoNews(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	o := w.fan().buy(e, 1)
	for range 2 {
		w.notice(noticeBody("ev_copied", o.Charge.ID.String()), time.Now().Add(-time.Minute)).want(http.StatusOK)
	}
	w.settled()
	if now := w.order(o.ID); now.Status != store.Paid || len(now.Refunds) != 0 {
		t.Errorf("the order is %+v", now)
	}
}

func TestAWrongWebhookSecretIsLoud(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	admin.get("/admin").silent("/webhooks").silent("a assinatura não confere")
	e := w.createEvent(nil)
	fan := w.fan()
	id := fan.reserve(e, 1)
	fan.pay(id)
	body := noticeBody("ev_1", w.order(id).Charge.ID.String())
	for range 3 {
		w.visitor().send(http.MethodPost, "/webhooks/sandbox", body,
			"Sandbox-Signature", fmt.Sprintf("t=%d,v1=00", time.Now().Unix()), "Content-Type", "application/json").want(http.StatusUnauthorized)
	}
	admin.get("/admin").says("a assinatura não confere").says("sandbox")
	registry := prometheus.NewRegistry()
	registry.MustRegister(w.server.metrics.noticesRefused)
	page := httptest.NewRecorder()
	NewOps(registry, w.Line).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`guiche_notices_refused_total{gateway="sandbox",reason="signature"} 3`, `guiche_notices_refused_total{gateway="sandbox",reason="malformed"} 0`,
	} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the metrics do not say %s", want)
		}
	}
	w.notice(body, time.Now()).want(http.StatusOK)
	admin.get("/admin").silent("a assinatura não confere")
}
