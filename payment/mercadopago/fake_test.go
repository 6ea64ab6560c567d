package mercadopago

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

	"guiche/payment"
	"guiche/payment/contract"
)

const (
	testToken   = "APP_USR-ofTheShop"
	testWebhook = "webhook secret of the shop"
	testNotices = "https://shop.test/webhooks/mercadopago" // as Mercado Pago is told
)

// fakeMercado is as much of Mercado Pago as the gateway uses, after its public documentation: payments, preferences,
// refunds, idempotency keys and signed notices.
type fakeMercado struct {
	t         *testing.T
	clock     *contract.Clock
	noticeURL string // where testNotices leads
	page      int    // payments per page, at most

	mu          sync.Mutex
	next        int // id
	payments    []*fakePayment
	preferences []*fakePreference
	keys        map[string]fakeReply
	slow        bool
	stuck       bool // refunds are refused
	whole       bool // payments are sent back whole or not at all
	unclosable  bool // pages do not let themselves be closed
	lag         bool // the search does not know the payments yet
	calls       int
	rival       bool // another call makes a preference of the same reference just before
}

type fakePayment struct {
	id                int
	reference, method string
	status, detail    string
	amount            json.Number
	created           time.Time
	approved          time.Time
	expires           time.Time
	preference        string
	refunds           []*fakeRefund
}

type fakeRefund struct {
	id      int
	amount  json.Number
	status  string
	created time.Time
}

type fakePreference struct {
	autoReturn    string
	id, reference string
	amount        json.Number
	expires       time.Time
	created       time.Time
}

type fakeReply struct {
	asked  string
	status int
	body   []byte
}

func (s *fakeMercado) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	s.calls++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	reply := refuse(http.StatusUnauthorized, "unauthorized", 0)
	key := r.Header.Get("X-Idempotency-Key")
	asked := r.URL.Path + string(body)
	known, ok := s.keys[key]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+testToken:
	case r.Method != http.MethodPost || strings.HasPrefix(r.URL.Path, "/checkout/"): // which know no keys
		reply = s.answer(r, body)
	case key == "":
		reply = refuse(http.StatusBadRequest, "bad_request", 4292)
	case !ok:
		reply = s.answer(r, body)
		reply.asked = asked
		s.keys[key] = reply
	case known.asked != asked:
		reply = refuse(http.StatusNotFound, "bad_request", 2032)
	default:
		reply = known
	}
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

func refuse(status int, word string, cause int) fakeReply {
	return says(status, map[string]any{
		"message": "ana@guiche.test may not do this", "error": word, "status": status,
		"cause": []any{map[string]any{"code": cause, "description": "ana@guiche.test"}},
	})
}

func (s *fakeMercado) answer(r *http.Request, body []byte) fakeReply {
	mux := http.NewServeMux()
	reply := says(http.StatusNotFound, "not found")
	on := func(pattern string, answer func(r *http.Request, body []byte) fakeReply) {
		mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) { reply = answer(r, body) })
	}
	on("POST /v1/payments", s.pix)
	on("GET /v1/payments/search", s.search)
	on("GET /v1/payments/{id}", s.show)
	on("PUT /v1/payments/{id}", s.change)
	on("POST /v1/payments/{id}/refunds", s.refund)
	on("GET /v1/payments/{id}/refunds", s.listRefunds)
	on("GET /v1/payments/{id}/refunds/{refund}", s.showRefund)
	on("GET /v1/chargebacks/{id}", s.showChargeback)
	on("POST /checkout/preferences", s.prefer)
	on("GET /checkout/preferences/search", s.searchPreferences)
	on("GET /checkout/preferences/{id}", s.showPreference)
	on("PUT /checkout/preferences/{id}", s.changePreference)
	mux.ServeHTTP(nil, r)
	return reply
}

// readMoment reads a moment in the form that the documentation asks for.
func readMoment(text string) (time.Time, error) {
	return time.Parse("2006-01-02T15:04:05.000-07:00", text)
}

func writeMoment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.In(time.FixedZone("", -4*60*60)).Format("2006-01-02T15:04:05.000-07:00")
}

// validAmount says whether a number is money: at least a cent, with two decimals at most.
func validAmount(n json.Number) bool {
	_, decimals, _ := strings.Cut(n.String(), ".")
	f, err := n.Float64()
	return err == nil && f > 0 && len(decimals) <= 2 && !strings.ContainsAny(n.String(), "eE")
}

func (s *fakeMercado) pix(_ *http.Request, body []byte) fakeReply {
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
		return refuse(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := readMoment(ask.Expires)
	switch {
	case err != nil:
		return refuse(http.StatusBadRequest, "bad_request", 23)
	case expires.Before(s.clock.Now().Add(30 * time.Minute)):
		return refuse(http.StatusBadRequest, "bad_request", 4037)
	case ask.Method != "pix" || !validAmount(ask.Amount):
		return refuse(http.StatusBadRequest, "bad_request", 1)
	case !strings.Contains(ask.Payer.Email, "@") || ask.Payer.Identification.Type != "CPF" || len(ask.Payer.Identification.Number) != 11:
		return refuse(http.StatusBadRequest, "bad_request", 2067)
	case ask.NoticeURL != testNotices+"?source_news=webhooks":
		return refuse(http.StatusBadRequest, "bad_request", 4020)
	}
	p := s.add(&fakePayment{
		reference: ask.Reference, method: "pix", status: "pending", amount: ask.Amount, expires: expires,
	})
	return says(http.StatusCreated, s.wire(p))
}

func (s *fakeMercado) add(p *fakePayment) *fakePayment {
	s.next++
	p.id, p.created = s.next, s.clock.Now()
	s.payments = append(s.payments, p)
	return p
}

func (s *fakeMercado) wire(p *fakePayment) map[string]any {
	amount, err := p.amount.Float64()
	if err != nil {
		s.t.Error(err)
	}
	refunded := p.refunded()
	if p.status == "approved" && refunded == cents(p.amount) {
		p.status = "refunded"
	}
	body := map[string]any{
		"id": p.id, "status": p.status, "status_detail": p.detail, "external_reference": p.reference, "payment_method_id": p.method,
		"transaction_amount": amount, "transaction_amount_refunded": float64(refunded) / 100, "currency_id": "BRL",
		"date_created": writeMoment(p.created), "date_approved": writeMoment(p.approved), "date_of_expiration": writeMoment(p.expires),
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

func (p *fakePayment) refunded() int64 {
	var sum int64
	for _, refund := range p.refunds {
		if refund.status == "approved" {
			sum += cents(refund.amount)
		}
	}
	return sum
}

func (s *fakeMercado) find(id string) *fakePayment {
	for _, p := range s.payments {
		if p.status == "pending" && !p.expires.IsZero() && !s.clock.Now().Before(p.expires) {
			p.status = "cancelled"
		}
		if strconv.Itoa(p.id) == id {
			return p
		}
	}
	return nil
}

func (s *fakeMercado) search(r *http.Request, _ []byte) fakeReply {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	var all []any
	for _, p := range s.payments {
		if s.find(strconv.Itoa(p.id)); !s.lag && p.reference == r.URL.Query().Get("external_reference") {
			all = append(all, s.wire(p))
		}
	}
	from := min(offset, len(all))
	found := all[from:min(from+s.page, len(all))]
	return says(http.StatusOK, map[string]any{
		"paging": map[string]any{"total": len(all), "limit": s.page, "offset": offset}, "results": slices.Clone(append([]any{}, found...)),
	})
}

func (s *fakeMercado) show(r *http.Request, _ []byte) fakeReply {
	p := s.find(r.PathValue("id"))
	if p == nil {
		return refuse(http.StatusNotFound, "not_found", 2000)
	}
	return says(http.StatusOK, s.wire(p))
}

func (s *fakeMercado) change(r *http.Request, body []byte) fakeReply {
	p := s.find(r.PathValue("id"))
	switch {
	case p == nil:
		return refuse(http.StatusNotFound, "not_found", 2000)
	case string(body) != `{"status":"cancelled"}`:
		return refuse(http.StatusBadRequest, "bad_request", 2016)
	case p.status != "pending" && p.status != "in_process" && p.status != "authorized":
		return refuse(http.StatusBadRequest, "bad_request", 2018)
	}
	p.status = "cancelled"
	return says(http.StatusOK, s.wire(p))
}

func (s *fakeMercado) refund(r *http.Request, body []byte) fakeReply {
	p := s.find(r.PathValue("id"))
	if p == nil {
		return refuse(http.StatusNotFound, "not_found", 2000)
	}
	ask := struct {
		Amount json.Number `json:"amount"`
	}{Amount: p.amount}
	if len(body) > 0 { // else all of it
		ask.Amount = ""
		if err := json.Unmarshal(body, &ask); err != nil {
			return refuse(http.StatusBadRequest, "bad_request", 4041)
		}
		if s.whole {
			return refuse(http.StatusBadRequest, "bad_request", 3024)
		}
	}
	switch {
	case s.stuck:
		return refuse(http.StatusNotFound, "bad_request", 2032)
	case p.status != "approved":
		return refuse(http.StatusBadRequest, "bad_request", 2063)
	case !validAmount(ask.Amount):
		return refuse(http.StatusBadRequest, "bad_request", 4040)
	case cents(ask.Amount) > cents(p.amount)-p.refunded():
		return refuse(http.StatusBadRequest, "bad_request", 2063)
	}
	s.next++
	refund := &fakeRefund{id: s.next, amount: ask.Amount, status: "approved", created: s.clock.Now()}
	if s.slow {
		refund.status = "in_process"
	}
	p.refunds = append(p.refunds, refund)
	if refund.status == "in_process" && r.Header.Get("X-Render-In-Process-Refunds") != "true" {
		return refuse(http.StatusBadRequest, "bad_request", 2063)
	}
	return says(http.StatusCreated, refund.wire(p))
}

func (refund *fakeRefund) wire(p *fakePayment) map[string]any {
	amount, err := refund.amount.Float64()
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"id": refund.id, "payment_id": p.id, "date_created": writeMoment(refund.created), "amount": amount, "status": refund.status,
		"source": map[string]any{"id": "1", "name": "The shop", "type": "collector"},
	}
}

func (s *fakeMercado) listRefunds(r *http.Request, _ []byte) fakeReply {
	p := s.find(r.PathValue("id"))
	if p == nil {
		return refuse(http.StatusNotFound, "not_found", 2000)
	}
	found := []any{}
	for _, refund := range slices.Backward(p.refunds) {
		if refund.status != "in_process" || r.Header.Get("X-Render-In-Process-Refunds") == "true" {
			found = append(found, refund.wire(p))
		}
	}
	return says(http.StatusOK, found)
}

func (s *fakeMercado) showRefund(r *http.Request, _ []byte) fakeReply {
	if p := s.find(r.PathValue("id")); p != nil {
		for _, refund := range p.refunds {
			if strconv.Itoa(refund.id) == r.PathValue("refund") {
				return says(http.StatusOK, refund.wire(p))
			}
		}
	}
	return refuse(http.StatusNotFound, "not_found", 2000)
}

// A chargeback has the number of its payment, with nines before it.
const chargebackNumbers = 999_000_000_000_000_000

func (s *fakeMercado) showChargeback(r *http.Request, _ []byte) fakeReply {
	n, err := strconv.Atoi(r.PathValue("id"))
	if p := s.find(strconv.Itoa(n - chargebackNumbers)); err != nil || p == nil {
		return refuse(http.StatusNotFound, "not_found", 2000)
	}
	return says(http.StatusOK, map[string]any{"id": n, "payments": []int{n - chargebackNumbers}, "coverage_applied": nil})
}

// taken is the payment that took the money of a charge.
func (s *fakeMercado) taken(c payment.Charge) *fakePayment {
	for _, p := range s.payments {
		if p.reference == c.Reference && p.status != "rejected" && p.status != "cancelled" {
			return p
		}
	}
	return nil
}

func (s *fakeMercado) disputes(t *testing.T, c payment.Charge) {
	s.disputed(t, c, "in_process")
}

func (s *fakeMercado) disputeEnds(t *testing.T, c payment.Charge, won bool) {
	s.disputed(t, c, map[bool]string{true: "reimbursed", false: "settled"}[won])
}

func (s *fakeMercado) disputed(t *testing.T, c payment.Charge, detail string) {
	t.Helper()
	s.mu.Lock()
	p := s.taken(c)
	p.status, p.detail = "charged_back", detail
	s.mu.Unlock()
	s.tell(t, "topic_chargebacks_wh", p.id+chargebackNumbers)
}

func (s *fakeMercado) panelRefund(t *testing.T, c payment.Charge, cents int64) {
	t.Helper()
	s.mu.Lock()
	p := s.taken(c)
	s.next++
	p.refunds = append(p.refunds, &fakeRefund{
		id: s.next, amount: json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100)), status: "approved", created: s.clock.Now(),
	})
	s.mu.Unlock()
	s.send(t, p.id)
}

func (s *fakeMercado) refundsFail(t *testing.T, c payment.Charge) {
	t.Helper()
	s.mu.Lock()
	p := s.taken(c)
	for _, refund := range p.refunds {
		refund.status = "rejected"
	}
	if p.status == "refunded" {
		p.status = "approved"
	}
	s.mu.Unlock()
	s.send(t, p.id)
}

type fakeAsk struct {
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

func (s *fakeMercado) prefer(_ *http.Request, body []byte) fakeReply {
	var ask fakeAsk
	if err := json.Unmarshal(body, &ask); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := readMoment(ask.ExpiresTo)
	if err != nil || !ask.Expires || len(ask.Items) != 1 || ask.Items[0].Quantity != 1 || ask.Items[0].Title == "" ||
		ask.Items[0].Currency != "BRL" || !validAmount(ask.Items[0].Price) || ask.BackURLs.Success == "" ||
		ask.AutoReturn != "" && !strings.HasPrefix(ask.BackURLs.Success, "https:") ||
		len(ask.Methods.Excluded) == 0 || ask.NoticeURL != testNotices+"?source_news=webhooks" {
		return refuse(http.StatusBadRequest, "invalid_items", 0)
	}
	if s.rival {
		s.preferences = append(s.preferences, &fakePreference{
			id: "1273205088-rival", reference: ask.Reference, amount: ask.Items[0].Price, expires: expires, created: s.clock.Now(),
		})
	}
	s.next++
	p := &fakePreference{
		autoReturn: ask.AutoReturn, id: fmt.Sprintf("1273205088-%s-%d", rand.Text(), s.next), reference: ask.Reference, amount: ask.Items[0].Price,
		expires: expires, created: s.clock.Now().Add(time.Duration(len(s.preferences)) * time.Millisecond), // no two at once
	}
	s.preferences = append(s.preferences, p)
	return says(http.StatusCreated, p.wire())
}

func (p *fakePreference) wire() map[string]any {
	price, err := p.amount.Float64()
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"id": p.id, "external_reference": p.reference, "expires": true, "expiration_date_to": writeMoment(p.expires),
		"expiration_date_from": nil, "date_created": writeMoment(p.created),
		"init_point": "https://www.mercadopago.com.br/checkout/v1/redirect?pref_id=" + p.id,
		"items":      []any{map[string]any{"title": "2 ingressos", "quantity": 1, "unit_price": price, "currency_id": "BRL"}},
	}
}

func (s *fakeMercado) findPreference(id string) *fakePreference {
	for _, p := range s.preferences {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (s *fakeMercado) searchPreferences(r *http.Request, _ []byte) fakeReply {
	found := []any{}
	for _, p := range slices.Backward(s.preferences) {
		if p.reference == r.URL.Query().Get("external_reference") {
			found = append(found, map[string]any{
				"id": p.id, "external_reference": p.reference, "date_created": writeMoment(p.created), "items": []string{"2 ingressos"},
			})
		}
	}
	return says(http.StatusOK, map[string]any{"elements": found, "next_offset": len(found), "total": len(found)})
}

func (s *fakeMercado) showPreference(r *http.Request, _ []byte) fakeReply {
	p := s.findPreference(r.PathValue("id"))
	if p == nil {
		return refuse(http.StatusNotFound, "not_found", 0)
	}
	return says(http.StatusOK, p.wire())
}

func (s *fakeMercado) changePreference(r *http.Request, body []byte) fakeReply {
	var ask fakeAsk
	p := s.findPreference(r.PathValue("id"))
	if p == nil {
		return refuse(http.StatusNotFound, "not_found", 0)
	}
	if err := json.Unmarshal(body, &ask); err != nil {
		return refuse(http.StatusBadRequest, "bad_request", 1)
	}
	expires, err := readMoment(ask.ExpiresTo)
	if err != nil || len(ask.Items) > 0 {
		return refuse(http.StatusBadRequest, "bad_request", 1)
	}
	if s.unclosable || !expires.After(s.clock.Now()) {
		return refuse(http.StatusBadRequest, "invalid_expiration_date_to", 0)
	}
	p.expires = expires
	return says(http.StatusOK, p.wire())
}

// try is what a payer does: her Pix, or a new payment on the page of a preference, gets a state. A payment that a bank
// thinks about gets its word. Nil if nothing can be paid any more.
func (s *fakeMercado) try(c payment.Charge, status string, second bool) *fakePayment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var p *fakePayment
	if number, ok := strings.CutPrefix(c.ID, paymentPrefix); ok {
		if p = s.find(number); p.status != "pending" && p.status != "in_process" {
			return nil
		}
	} else {
		preference := s.findPreference(strings.TrimPrefix(c.ID, preferencePrefix))
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
		case !s.clock.Now().Before(preference.expires):
			return nil
		default:
			p = s.add(&fakePayment{reference: preference.reference, method: "master", amount: preference.amount, preference: preference.id})
		}
	}
	p.status = status
	if status == "approved" {
		p.approved = s.clock.Now()
	}
	return p
}

func (s *fakeMercado) act(status string) func(t *testing.T, c payment.Charge) {
	return func(t *testing.T, c payment.Charge) {
		t.Helper()
		if p := s.try(c, status, false); p != nil {
			s.send(t, p.id)
		}
	}
}

func (s *fakeMercado) settle(ok bool) {
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

func (s *fakeMercado) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
}

func (s *fakeMercado) slowRefunds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = true
}

// signatureOf makes the value of the signature header, after Mercado Pago's documentation.
func signatureOf(secret, id, requestID string, stamp int64) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "id:%s;request-id:%s;ts:%d;", id, requestID, stamp)
	return fmt.Sprintf("ts=%d,v1=%s", stamp, hex.EncodeToString(mac.Sum(nil)))
}

// send delivers the news of a payment to the shop.
func (s *fakeMercado) send(t *testing.T, number int) {
	t.Helper()
	s.tell(t, "payment", number)
}

func (s *fakeMercado) tell(t *testing.T, topic string, number int) {
	t.Helper()
	id, delivery := strconv.Itoa(number), rand.Text()
	body, err := json.Marshal(map[string]any{"action": topic + ".updated", "type": topic, "data": map[string]any{"id": id}})
	if err != nil {
		t.Fatal(err)
	}
	address := s.noticeURL + "?" + url.Values{"data.id": {id}, "type": {topic}, "source_news": {"webhooks"}}.Encode()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", delivery)
	req.Header.Set("X-Signature", signatureOf(testWebhook, id, delivery, s.clock.Now().UnixMilli()))
	contract.Send(t, req)
}
