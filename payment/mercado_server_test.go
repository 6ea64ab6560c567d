package payment

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	mercadoTestToken   = "APP_USR-ofTheShop"
	mercadoTestWebhook = "webhook secret of the shop"
	mercadoTestNotices = "https://shop.test/webhooks/mercadopago" // as Mercado Pago is told
)

// mercadoServer is as much of Mercado Pago as the gateway uses, after its public documentation: payments, preferences,
// refunds, idempotency keys and signed notices.
type mercadoServer struct {
	t         *testing.T
	clock     *testClock
	noticeURL string // where mercadoTestNotices leads
	page      int    // payments per page, at most

	mu          sync.Mutex
	next        int // id
	payments    []*mercadoTestPayment
	preferences []*mercadoTestPreference
	keys        map[string]mercadoTestReply
	slow        bool
	stuck       bool // refunds are refused
	rival       bool // another call makes a preference of the same reference just before
}

type mercadoTestPayment struct {
	id                int
	reference, method string
	status            string
	amount            json.Number
	created           time.Time
	approved          time.Time
	expires           time.Time
	preference        string
	refunds           []*mercadoTestRefund
}

type mercadoTestRefund struct {
	id     int
	amount json.Number
	status string
}

type mercadoTestPreference struct {
	autoReturn    string
	id, reference string
	amount        json.Number
	expires       time.Time
	created       time.Time
}

type mercadoTestReply struct {
	asked  string
	status int
	body   []byte
}

func (s *mercadoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	reply := mercadoRefusal(http.StatusUnauthorized, "unauthorized", 0)
	key := r.Header.Get("X-Idempotency-Key")
	asked := r.URL.Path + string(body)
	known, ok := s.keys[key]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+mercadoTestToken:
	case r.Method != http.MethodPost || strings.HasPrefix(r.URL.Path, "/checkout/"): // which know no keys
		reply = s.answer(r, body)
	case key == "":
		reply = mercadoRefusal(http.StatusBadRequest, "bad_request", 4292)
	case !ok:
		reply = s.answer(r, body)
		reply.asked = asked
		s.keys[key] = reply
	case known.asked != asked:
		reply = mercadoRefusal(http.StatusNotFound, "bad_request", 2032)
	default:
		reply = known
	}
	w.WriteHeader(reply.status)
	_, _ = w.Write(reply.body)
}

func mercadoSays(status int, body any) mercadoTestReply {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return mercadoTestReply{status: status, body: encoded}
}

func mercadoRefusal(status int, word string, cause int) mercadoTestReply {
	return mercadoSays(status, map[string]any{
		"message": "ana@guiche.test may not do this", "error": word, "status": status,
		"cause": []any{map[string]any{"code": cause, "description": "ana@guiche.test"}},
	})
}

func (s *mercadoServer) answer(r *http.Request, body []byte) mercadoTestReply {
	mux := http.NewServeMux()
	reply := mercadoSays(http.StatusNotFound, "not found")
	on := func(pattern string, answer func(r *http.Request, body []byte) mercadoTestReply) {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) { reply = answer(r, body) })
	}
	on("POST /v1/payments", s.pix)
	on("GET /v1/payments/search", s.search)
	on("GET /v1/payments/{id}", s.show)
	on("PUT /v1/payments/{id}", s.change)
	on("POST /v1/payments/{id}/refunds", s.refund)
	on("GET /v1/payments/{id}/refunds", s.listRefunds)
	on("POST /checkout/preferences", s.prefer)
	on("GET /checkout/preferences/search", s.searchPreferences)
	on("GET /checkout/preferences/{id}", s.showPreference)
	on("PUT /checkout/preferences/{id}", s.changePreference)
	mux.ServeHTTP(nil, r)
	return reply
}

// mercadoMoment reads a moment in the form that the documentation asks for.
func mercadoMoment(text string) (time.Time, error) {
	return time.Parse("2006-01-02T15:04:05.000-07:00", text)
}

func mercadoWrite(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.In(time.FixedZone("", -4*60*60)).Format("2006-01-02T15:04:05.000-07:00")
}

// mercadoAmount says whether a number is money: at least a cent, with two decimals at most.
func mercadoAmount(n json.Number) bool {
	_, decimals, _ := strings.Cut(n.String(), ".")
	f, err := n.Float64()
	return err == nil && f > 0 && len(decimals) <= 2 && !strings.ContainsAny(n.String(), "eE")
}

func (s *mercadoServer) pix(_ *http.Request, body []byte) mercadoTestReply {
	var ask struct {
		Method    string      `json:"payment_method_id"`
		Amount    json.Number `json:"transaction_amount"`
		Reference string      `json:"external_reference"`
		Expires   string      `json:"date_of_expiration"`
		NoticeURL string      `json:"notification_url"`
		Payer     struct {
			Email          string `json:"email"`
			Identification struct {
				Type   string `json:"type"`
				Number string `json:"number"`
			} `json:"identification"`
		} `json:"payer"`
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := mercadoMoment(ask.Expires)
	switch {
	case err != nil:
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 23)
	case expires.Before(s.clock.now().Add(30 * time.Minute)):
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 4037)
	case ask.Method != "pix" || !mercadoAmount(ask.Amount):
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 1)
	case !strings.Contains(ask.Payer.Email, "@") || ask.Payer.Identification.Type != "CPF" || len(ask.Payer.Identification.Number) != 11:
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2067)
	case ask.NoticeURL != mercadoTestNotices+"?source_news=webhooks":
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 4020)
	}
	p := s.add(&mercadoTestPayment{
		reference: ask.Reference, method: "pix", status: "pending", amount: ask.Amount, expires: expires,
	})
	return mercadoSays(http.StatusCreated, s.wire(p))
}

func (s *mercadoServer) add(p *mercadoTestPayment) *mercadoTestPayment {
	s.next++
	p.id, p.created = s.next, s.clock.now()
	s.payments = append(s.payments, p)
	return p
}

func (s *mercadoServer) wire(p *mercadoTestPayment) map[string]any {
	amount, err := p.amount.Float64()
	if err != nil {
		s.t.Error(err)
	}
	refunded := p.refunded()
	if p.status == "approved" && refunded == cents(p.amount) {
		p.status = "refunded"
	}
	body := map[string]any{
		"id": p.id, "status": p.status, "external_reference": p.reference, "payment_method_id": p.method,
		"transaction_amount": amount, "transaction_amount_refunded": float64(refunded) / 100, "currency_id": "BRL",
		"date_created": mercadoWrite(p.created), "date_approved": mercadoWrite(p.approved), "date_of_expiration": mercadoWrite(p.expires),
		"payer": map[string]any{"email": "ana@guiche.test"}, "metadata": map[string]any{},
	}
	if p.method == "pix" {
		body["point_of_interaction"] = map[string]any{"transaction_data": map[string]any{
			"qr_code":    "00020126580014br.gov.bcb.pix" + strconv.Itoa(p.id),
			"ticket_url": "https://www.mercadopago.com.br/payments/1/ticket",
		}}
	}
	return body
}

// cents reads a number of reais without a float.
func cents(n json.Number) int64 {
	whole, decimals, _ := strings.Cut(n.String(), ".")
	c, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil {
		panic(err)
	}
	return c
}

func (p *mercadoTestPayment) refunded() int64 {
	var sum int64
	for _, refund := range p.refunds {
		if refund.status == "approved" {
			sum += cents(refund.amount)
		}
	}
	return sum
}

func (s *mercadoServer) find(id string) *mercadoTestPayment {
	for _, p := range s.payments {
		if p.status == "pending" && !p.expires.IsZero() && !s.clock.now().Before(p.expires) {
			p.status = "cancelled"
		}
		if strconv.Itoa(p.id) == id {
			return p
		}
	}
	return nil
}

func (s *mercadoServer) search(r *http.Request, _ []byte) mercadoTestReply {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	var all []any
	for _, p := range s.payments {
		if s.find(strconv.Itoa(p.id)); p.reference == r.URL.Query().Get("external_reference") {
			all = append(all, s.wire(p))
		}
	}
	from := min(offset, len(all))
	found := all[from:min(from+s.page, len(all))]
	return mercadoSays(http.StatusOK, map[string]any{
		"paging": map[string]any{"total": len(all), "limit": s.page, "offset": offset}, "results": slices.Clone(append([]any{}, found...)),
	})
}

func (s *mercadoServer) show(r *http.Request, _ []byte) mercadoTestReply {
	p := s.find(r.PathValue("id"))
	if p == nil {
		return mercadoRefusal(http.StatusNotFound, "not_found", 2000)
	}
	return mercadoSays(http.StatusOK, s.wire(p))
}

func (s *mercadoServer) change(r *http.Request, body []byte) mercadoTestReply {
	p := s.find(r.PathValue("id"))
	switch {
	case p == nil:
		return mercadoRefusal(http.StatusNotFound, "not_found", 2000)
	case string(body) != `{"status":"cancelled"}`:
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2016)
	case p.status != "pending" && p.status != "in_process" && p.status != "authorized":
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2018)
	}
	p.status = "cancelled"
	return mercadoSays(http.StatusOK, s.wire(p))
}

func (s *mercadoServer) refund(r *http.Request, body []byte) mercadoTestReply {
	var ask struct {
		Amount json.Number `json:"amount"`
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 4041)
	}
	p := s.find(r.PathValue("id"))
	switch {
	case p == nil:
		return mercadoRefusal(http.StatusNotFound, "not_found", 2000)
	case s.stuck:
		return mercadoRefusal(http.StatusNotFound, "bad_request", 2032)
	case p.status != "approved":
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2063)
	case !mercadoAmount(ask.Amount):
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 4040)
	case cents(ask.Amount) > cents(p.amount)-p.refunded():
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2063)
	}
	s.next++
	refund := &mercadoTestRefund{id: s.next, amount: ask.Amount, status: "approved"}
	if s.slow {
		refund.status = "in_process"
	}
	p.refunds = append(p.refunds, refund)
	if refund.status == "in_process" && r.Header.Get("X-Render-In-Process-Refunds") != "true" {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 2063)
	}
	return mercadoSays(http.StatusCreated, refund.wire(p))
}

func (refund *mercadoTestRefund) wire(p *mercadoTestPayment) map[string]any {
	amount, err := refund.amount.Float64()
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"id": refund.id, "payment_id": p.id, "amount": amount, "status": refund.status,
		"source": map[string]any{"id": "1", "name": "The shop", "type": "collector"},
	}
}

func (s *mercadoServer) listRefunds(r *http.Request, _ []byte) mercadoTestReply {
	p := s.find(r.PathValue("id"))
	if p == nil {
		return mercadoRefusal(http.StatusNotFound, "not_found", 2000)
	}
	found := []any{}
	for _, refund := range slices.Backward(p.refunds) {
		if refund.status != "in_process" || r.Header.Get("X-Render-In-Process-Refunds") == "true" {
			found = append(found, refund.wire(p))
		}
	}
	return mercadoSays(http.StatusOK, found)
}

type mercadoTestAsk struct {
	Items []struct {
		Title    string      `json:"title"`
		Quantity int         `json:"quantity"`
		Price    json.Number `json:"unit_price"`
		Currency string      `json:"currency_id"`
	} `json:"items"`
	Reference string `json:"external_reference"`
	NoticeURL string `json:"notification_url"`
	Expires   bool   `json:"expires"`
	ExpiresTo string `json:"expiration_date_to"`
	BackURLs  struct {
		Success string `json:"success"`
	} `json:"back_urls"`
	AutoReturn string `json:"auto_return"`
	Methods    struct {
		Excluded []struct {
			ID string `json:"id"`
		} `json:"excluded_payment_types"`
	} `json:"payment_methods"`
}

func (s *mercadoServer) prefer(_ *http.Request, body []byte) mercadoTestReply {
	var ask mercadoTestAsk
	if err := json.Unmarshal(body, &ask); err != nil {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := mercadoMoment(ask.ExpiresTo)
	if err != nil || !ask.Expires || len(ask.Items) != 1 || ask.Items[0].Quantity != 1 || ask.Items[0].Title == "" ||
		ask.Items[0].Currency != "BRL" || !mercadoAmount(ask.Items[0].Price) || ask.BackURLs.Success == "" ||
		ask.AutoReturn != "" && !strings.HasPrefix(ask.BackURLs.Success, "https:") ||
		len(ask.Methods.Excluded) == 0 || ask.NoticeURL != mercadoTestNotices+"?source_news=webhooks" {
		return mercadoRefusal(http.StatusBadRequest, "invalid_items", 0)
	}
	if s.rival {
		s.preferences = append(s.preferences, &mercadoTestPreference{
			id: "1273205088-rival", reference: ask.Reference, amount: ask.Items[0].Price, expires: expires, created: s.clock.now(),
		})
	}
	s.next++
	p := &mercadoTestPreference{
		autoReturn: ask.AutoReturn, id: fmt.Sprintf("1273205088-%s-%d", rand.Text(), s.next), reference: ask.Reference, amount: ask.Items[0].Price,
		expires: expires, created: s.clock.now().Add(time.Duration(len(s.preferences)) * time.Millisecond), // no two at once
	}
	s.preferences = append(s.preferences, p)
	return mercadoSays(http.StatusCreated, p.wire())
}

func (p *mercadoTestPreference) wire() map[string]any {
	price, err := p.amount.Float64()
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"id": p.id, "external_reference": p.reference, "expires": true, "expiration_date_to": mercadoWrite(p.expires),
		"expiration_date_from": nil, "date_created": mercadoWrite(p.created),
		"init_point": "https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=" + p.id,
		"items":      []any{map[string]any{"title": "2 ingressos", "quantity": 1, "unit_price": price, "currency_id": "BRL"}},
	}
}

func (s *mercadoServer) findPreference(id string) *mercadoTestPreference {
	for _, p := range s.preferences {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (s *mercadoServer) searchPreferences(r *http.Request, _ []byte) mercadoTestReply {
	found := []any{}
	for _, p := range slices.Backward(s.preferences) {
		if p.reference == r.URL.Query().Get("external_reference") {
			found = append(found, map[string]any{
				"id": p.id, "external_reference": p.reference, "date_created": mercadoWrite(p.created), "items": []string{"2 ingressos"},
			})
		}
	}
	return mercadoSays(http.StatusOK, map[string]any{"elements": found, "next_offset": len(found), "total": len(found)})
}

func (s *mercadoServer) showPreference(r *http.Request, _ []byte) mercadoTestReply {
	p := s.findPreference(r.PathValue("id"))
	if p == nil {
		return mercadoRefusal(http.StatusNotFound, "not_found", 0)
	}
	return mercadoSays(http.StatusOK, p.wire())
}

func (s *mercadoServer) changePreference(r *http.Request, body []byte) mercadoTestReply {
	var ask mercadoTestAsk
	p := s.findPreference(r.PathValue("id"))
	if p == nil {
		return mercadoRefusal(http.StatusNotFound, "not_found", 0)
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := mercadoMoment(ask.ExpiresTo)
	if err != nil || len(ask.Items) > 0 {
		return mercadoRefusal(http.StatusBadRequest, "bad_request", 1)
	}
	p.expires = expires
	return mercadoSays(http.StatusOK, p.wire())
}

// try is what a payer does: her Pix, or a new payment on the page of a preference, gets a state. A payment that a bank
// thinks about gets its word. Nil if nothing can be paid any more.
func (s *mercadoServer) try(c Charge, status string, second bool) *mercadoTestPayment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var p *mercadoTestPayment
	if number, ok := strings.CutPrefix(c.ID, mercadoPaymentID); ok {
		if p = s.find(number); p.status != "pending" && p.status != "in_process" {
			return nil
		}
	} else {
		preference := s.findPreference(strings.TrimPrefix(c.ID, mercadoPreferenceID))
		for _, known := range s.payments {
			if known.preference == preference.id && known.status == "in_process" {
				p = known
			}
			if known.preference == preference.id && known.status == "cancelled" { // her bank's word came too late
				return nil
			}
		}
		switch {
		case p != nil && !second:
		case !s.clock.now().Before(preference.expires):
			return nil
		default:
			p = s.add(&mercadoTestPayment{reference: preference.reference, method: "master", amount: preference.amount, preference: preference.id})
		}
	}
	p.status = status
	if status == "approved" {
		p.approved = s.clock.now()
	}
	return p
}

func (s *mercadoServer) act(status string) func(t *testing.T, c Charge) {
	return func(t *testing.T, c Charge) {
		t.Helper()
		if p := s.try(c, status, false); p != nil {
			s.send(t, p.id)
		}
	}
}

func (s *mercadoServer) settle(ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.payments {
		for _, refund := range p.refunds {
			switch {
			case refund.status == "in_process" && ok:
				refund.status = "approved"
			case refund.status == "in_process":
				refund.status = "rejected"
			}
		}
	}
}

func (s *mercadoServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
}

func (s *mercadoServer) slowRefunds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = true
}

// mercadoSign makes the value of the signature header, after Mercado Pago's documentation.
func mercadoSign(secret, id, requestID string, stamp int64) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "id:%s;request-id:%s;ts:%d;", id, requestID, stamp)
	return fmt.Sprintf("ts=%d,v1=%s", stamp, hex.EncodeToString(mac.Sum(nil)))
}

// send delivers the news of a payment to the shop.
func (s *mercadoServer) send(t *testing.T, number int) {
	t.Helper()
	id, delivery := strconv.Itoa(number), rand.Text()
	body, err := json.Marshal(map[string]any{"action": "payment.updated", "type": "payment", "data": map[string]any{"id": id}})
	if err != nil {
		t.Fatal(err)
	}
	address := s.noticeURL + "?" + url.Values{"data.id": {id}, "type": {"payment"}, "source_news": {"webhooks"}}.Encode()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", delivery)
	req.Header.Set("X-Signature", mercadoSign(mercadoTestWebhook, id, delivery, s.clock.now().UnixMilli()))
	roundTrip(t, req)
}
