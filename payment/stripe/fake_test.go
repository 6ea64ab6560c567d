package stripe

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"guiche/payment"
	"guiche/payment/contract"
)

const (
	testKey     = "sk_test_ofTheShop"
	testWebhook = "whsec_ofTheShop"
)

// fakeStripe is as much of Stripe as the gateway uses: Checkout Sessions, refunds, idempotency keys and events.
type fakeStripe struct {
	t         *testing.T
	clock     *contract.Clock
	noticeURL string
	page      int // sessions and refunds per page, at most

	mu       sync.Mutex
	sessions []*fakeSession
	keys     map[string]fakeReply
	slow     bool
}

type fakeSession struct {
	id, reference, currency string
	status, intentStatus    string // of the session; of the payment intent, empty while there is none
	amount                  int64
	created, expires        int64
	metadata                map[string]string // of the payment intent
	refunds                 []*fakeRefund
	dispute                 string // its status, empty while there is none
	disputed                int64
}

type fakeRefund struct {
	id, status string
	amount     int64
	metadata   map[string]string
}

type fakeReply struct {
	asked  string
	status int
	body   []byte
}

func (s *fakeStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_"+rand.Text())
	if r.Header.Get("Authorization") != "Bearer "+testKey {
		s.reply(w, refuse(http.StatusUnauthorized, "invalid_request_error", "", "Invalid API Key provided: sk_test_"))
		return
	}
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	if r.Method == http.MethodGet {
		s.reply(w, s.answer(r))
		return
	}
	key, asked := r.Header.Get("Idempotency-Key"), r.URL.Path+"?"+r.PostForm.Encode()
	known, ok := s.keys[key]
	switch {
	case key == "":
		s.t.Errorf("%s without a key", r.URL.Path)
	case !ok:
		known = s.answer(r)
		known.asked = asked
		s.keys[key] = known
	case known.asked != asked:
		known = refuse(http.StatusBadRequest, "idempotency_error", "", "Keys can only be used with the same parameters")
	default:
		w.Header().Set("Idempotent-Replayed", "true")
	}
	s.reply(w, known)
}

func (s *fakeStripe) reply(w http.ResponseWriter, reply fakeReply) {
	w.WriteHeader(reply.status)
	_, _ = w.Write(reply.body)
}

func says(status int, body any) fakeReply {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return fakeReply{status: status, body: encoded}
}

func refuse(status int, kind, code, message string) fakeReply {
	return says(status, map[string]any{"error": map[string]any{"type": kind, "code": code, "message": message}})
}

func missing(what string) fakeReply {
	return refuse(http.StatusNotFound, "invalid_request_error", "resource_missing", "No such "+what)
}

func invalid(message string) fakeReply {
	return refuse(http.StatusBadRequest, "invalid_request_error", "", message)
}

func (s *fakeStripe) answer(r *http.Request) fakeReply {
	mux := http.NewServeMux()
	var reply fakeReply
	on := func(pattern string, answer func(r *http.Request) fakeReply) {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) { reply = answer(r) })
	}
	reply = refuse(http.StatusNotFound, "invalid_request_error", "", "Unrecognized request URL")
	on("POST /v1/checkout/sessions", s.create)
	on("GET /v1/checkout/sessions", s.list)
	on("GET /v1/checkout/sessions/{id}", s.show)
	on("POST /v1/checkout/sessions/{id}/expire", s.expire)
	on("POST /v1/refunds", s.refund)
	on("GET /v1/refunds", s.listRefunds)
	on("GET /v1/refunds/{id}", s.showRefund)
	on("GET /v1/disputes", s.listDisputes)
	mux.ServeHTTP(nil, r)
	return reply
}

func (s *fakeStripe) create(r *http.Request) fakeReply {
	now := s.clock.Now().Unix()
	amount, _ := strconv.ParseInt(r.PostForm.Get("line_items[0][price_data][unit_amount]"), 10, 64)
	expires := now + 24*60*60
	if asked := r.PostForm.Get("expires_at"); asked != "" {
		expires, _ = strconv.ParseInt(asked, 10, 64)
	}
	switch {
	case r.PostForm.Get("mode") != "payment", r.PostForm.Get("payment_method_types[0]") != "card",
		r.PostForm.Get("line_items[0][quantity]") != "1", r.PostForm.Get("line_items[0][price_data][product_data][name]") == "",
		r.PostForm.Get("line_items[0][price_data][currency]") != "brl", r.PostForm.Get("success_url") == "":
		return invalid("Missing required param")
	case amount < 50:
		return refuse(http.StatusBadRequest, "invalid_request_error", "amount_too_small", "too small")
	case expires < now+30*60 || expires > now+24*60*60:
		return invalid("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	session := &fakeSession{
		id: "cs_test_" + rand.Text(), reference: r.PostForm.Get("client_reference_id"), status: "open",
		currency: "brl", amount: amount, created: now, expires: expires,
		metadata: metadataOf(r.PostForm, "payment_intent_data[metadata]"),
	}
	s.sessions = append(s.sessions, session)
	return says(http.StatusOK, s.session(session, nil))
}

// metadataOf reads the metadata that a form gives under a name.
func metadataOf(form url.Values, name string) map[string]string {
	metadata := map[string]string{}
	for _, key := range []string{referenceKey, refundKey} {
		if value := form.Get(name + "[" + key + "]"); value != "" {
			metadata[key] = value
		}
	}
	return metadata
}

func (s *fakeStripe) list(r *http.Request) fakeReply {
	from, _ := strconv.ParseInt(r.Form.Get("created[gte]"), 10, 64)
	to, _ := strconv.ParseInt(r.Form.Get("created[lte]"), 10, 64)
	var found []any
	more := false
	after := r.Form.Get("starting_after")
	for _, session := range slices.Backward(s.sessions) {
		switch {
		case after != "":
			if session.id == after {
				after = ""
			}
		case r.Form.Get("payment_intent") != "" && (session.intentStatus == "" || session.intent() != r.Form.Get("payment_intent")):
		case r.Form.Get("payment_intent") == "" && (session.created < from || session.created > to):
		case len(found) == s.page:
			more = true
		default:
			found = append(found, s.session(session, nil))
		}
	}
	return says(http.StatusOK, map[string]any{"object": "list", "data": found, "has_more": more, "url": "/v1/checkout/sessions"})
}

func (s *fakeStripe) show(r *http.Request) fakeReply {
	session := s.find(r.PathValue("id"))
	if session == nil {
		return missing("checkout.session")
	}
	return says(http.StatusOK, s.session(session, r.Form["expand[0]"]))
}

func (s *fakeStripe) expire(r *http.Request) fakeReply {
	session := s.find(r.PathValue("id"))
	switch {
	case session == nil:
		return missing("checkout.session")
	case session.status != "open":
		return invalid("Only Checkout Sessions with a status in [\"open\"] can be expired.")
	}
	session.status = "expired"
	return says(http.StatusOK, s.session(session, nil))
}

func (s *fakeStripe) find(id string) *fakeSession {
	for _, session := range s.sessions {
		if session.status == "open" && session.expires <= s.clock.Now().Unix() {
			session.status = "expired"
		}
		if session.id == id {
			return session
		}
	}
	return nil
}

func (s *fakeStripe) session(session *fakeSession, expand []string) map[string]any {
	body := map[string]any{
		"object": "checkout.session", "id": session.id, "client_reference_id": session.reference, "status": session.status,
		"payment_status": "unpaid", "amount_total": session.amount, "currency": session.currency, "created": session.created,
		"expires_at": session.expires, "payment_intent": nil, "url": nil,
	}
	if session.status == "open" {
		body["url"] = "https://checkout.stripe.test/c/pay/" + session.id
	}
	if session.intentStatus == "succeeded" {
		body["payment_status"] = "paid"
	}
	if session.intentStatus != "" {
		body["payment_intent"] = session.intent()
	}
	if session.intentStatus != "" && slices.Contains(expand, "payment_intent.latest_charge") {
		intent := map[string]any{
			"object": "payment_intent", "id": session.intent(), "status": session.intentStatus, "amount_received": 0, "latest_charge": nil,
		}
		if session.intentStatus == "succeeded" {
			intent["amount_received"] = session.amount
			intent["latest_charge"] = map[string]any{"object": "charge", "id": "ch_1", "amount_refunded": session.refunded(), "disputed": session.dispute != ""}
		}
		body["payment_intent"] = intent
	}
	return body
}

func (session *fakeSession) intent() string { return "pi_" + session.id }

func (session *fakeSession) refunded() int64 {
	var sum int64
	for _, refund := range session.refunds {
		if refund.status != "failed" {
			sum += refund.amount
		}
	}
	return sum
}

func (s *fakeStripe) ofIntent(id string) *fakeSession {
	for _, session := range s.sessions {
		if session.intentStatus != "" && session.intent() == id {
			return session
		}
	}
	return nil
}

func (s *fakeStripe) refund(r *http.Request) fakeReply {
	session := s.ofIntent(r.PostForm.Get("payment_intent"))
	amount, _ := strconv.ParseInt(r.PostForm.Get("amount"), 10, 64)
	switch {
	case session == nil || session.intentStatus != "succeeded":
		return missing("payment_intent")
	case session.dispute != "" && session.dispute != "won":
		return refuse(http.StatusBadRequest, "invalid_request_error", "charge_disputed", "has been charged back")
	case session.refunded() == session.amount:
		return refuse(http.StatusBadRequest, "invalid_request_error", "charge_already_refunded", "has already been refunded")
	case amount <= 0 || amount > session.amount-session.refunded():
		return invalid("Refund amount is greater than unrefunded amount on charge")
	}
	refund := &fakeRefund{
		id: "re_" + rand.Text(), status: "succeeded", amount: amount, metadata: metadataOf(r.PostForm, "metadata"),
	}
	if s.slow {
		refund.status = "pending"
	}
	session.refunds = append(session.refunds, refund)
	return says(http.StatusOK, refund.wire())
}

func (refund *fakeRefund) wire() map[string]any {
	return map[string]any{
		"object": "refund", "id": refund.id, "amount": refund.amount, "status": refund.status, "currency": "brl", "metadata": refund.metadata,
	}
}

func (s *fakeStripe) listRefunds(r *http.Request) fakeReply {
	session := s.ofIntent(r.Form.Get("payment_intent"))
	if session == nil {
		return missing("payment_intent")
	}
	found := []any{}
	more := false
	after := r.Form.Get("starting_after")
	for _, refund := range slices.Backward(session.refunds) {
		switch {
		case after != "":
			if refund.id == after {
				after = ""
			}
		case len(found) == s.page:
			more = true
		default:
			found = append(found, refund.wire())
		}
	}
	return says(http.StatusOK, map[string]any{"object": "list", "data": found, "has_more": more, "url": "/v1/refunds"})
}

func (s *fakeStripe) showRefund(r *http.Request) fakeReply {
	for _, session := range s.sessions {
		for _, refund := range session.refunds {
			if refund.id == r.PathValue("id") {
				return says(http.StatusOK, refund.wire())
			}
		}
	}
	return missing("refund")
}

func (s *fakeStripe) listDisputes(r *http.Request) fakeReply {
	session := s.ofIntent(r.Form.Get("payment_intent"))
	if session == nil {
		return missing("payment_intent")
	}
	found := []any{}
	if session.dispute != "" {
		found = append(found, session.disputeWire())
	}
	return says(http.StatusOK, map[string]any{"object": "list", "data": found, "has_more": false, "url": "/v1/disputes"})
}

// disputeWire has none of our metadata, as a bank has made it.
func (session *fakeSession) disputeWire() map[string]any {
	return map[string]any{
		"object": "dispute", "id": "du_1", "amount": session.disputed, "status": session.dispute, "currency": "brl",
		"charge": "ch_1", "payment_intent": session.intent(), "metadata": map[string]any{},
	}
}

func (s *fakeStripe) disputes(t *testing.T, c payment.Charge) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		session.dispute, session.disputed = "needs_response", session.amount-session.refunded()
		return "charge.dispute.created", session.disputeWire()
	})
}

func (s *fakeStripe) disputeEnds(t *testing.T, c payment.Charge, won bool) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		session.dispute = map[bool]string{true: "won", false: "lost"}[won]
		return "charge.dispute.closed", session.disputeWire()
	})
}

// panelRefund is made on Stripe's dashboard, which writes no metadata.
func (s *fakeStripe) panelRefund(t *testing.T, c payment.Charge, cents int64) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		refund := &fakeRefund{id: "re_" + rand.Text(), status: "succeeded", amount: cents, metadata: map[string]string{}}
		session.refunds = append(session.refunds, refund)
		wire := refund.wire()
		wire["payment_intent"] = session.intent()
		return "refund.created", wire
	})
}

func (s *fakeStripe) refundsFail(t *testing.T, c payment.Charge) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		for _, refund := range session.refunds {
			refund.status = "failed"
		}
		return "refund.failed", session.refunds[0].wire()
	})
}

// act is what a payer or her bank does to a session; the event that it returns is sent, if any.
func (s *fakeStripe) act(t *testing.T, c payment.Charge, act func(session *fakeSession) (event string, object map[string]any)) {
	t.Helper()
	s.mu.Lock()
	session := s.find(c.ID)
	if session == nil {
		s.mu.Unlock()
		t.Fatalf("nobody can pay %+v", c)
	}
	event, object := act(session)
	s.mu.Unlock()
	if event != "" {
		s.send(t, event, object)
	}
}

func (s *fakeStripe) pay(t *testing.T, c payment.Charge) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		event := "checkout.session.completed"
		switch {
		case session.status == "complete" && session.intentStatus == "processing":
			event = "checkout.session.async_payment_succeeded"
		case session.status != "open":
			return "", nil
		}
		session.status, session.intentStatus = "complete", "succeeded"
		return event, s.session(session, nil)
	})
}

func (s *fakeStripe) review(t *testing.T, c payment.Charge) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		session.status, session.intentStatus = "complete", "processing"
		return "checkout.session.completed", s.session(session, nil)
	})
}

func (s *fakeStripe) decline(t *testing.T, c payment.Charge) {
	s.act(t, c, func(session *fakeSession) (string, map[string]any) {
		if session.status != "open" && session.intentStatus != "processing" {
			return "", nil
		}
		session.intentStatus = "requires_payment_method"
		return "payment_intent.payment_failed", map[string]any{
			"object": "payment_intent", "id": session.intent(), "metadata": session.metadata,
		}
	})
}

// settle ends the refunds that took their time.
func (s *fakeStripe) settle(ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		for _, refund := range session.refunds {
			switch {
			case refund.status == "pending" && ok:
				refund.status = "succeeded"
			case refund.status == "pending":
				refund.status = "failed"
			}
		}
	}
}

func (s *fakeStripe) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
}

func (s *fakeStripe) slowRefunds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = true
}

// signatureOf makes the value of the signature header, after Stripe's documentation.
func signatureOf(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at, body)
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}

func eventOf(id, kind string, object map[string]any) []byte {
	body, err := json.Marshal(map[string]any{
		"object": "event", "id": id, "type": kind, "api_version": "2020-08-27", "data": map[string]any{"object": object},
	})
	if err != nil {
		panic(err)
	}
	return body
}

// send delivers an event to the shop.
func (s *fakeStripe) send(t *testing.T, kind string, object map[string]any) {
	t.Helper()
	body := eventOf("evt_"+rand.Text(), kind, object)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.noticeURL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Stripe-Signature", signatureOf(testWebhook, s.clock.Now().Unix(), body))
	contract.Send(t, req)
}
