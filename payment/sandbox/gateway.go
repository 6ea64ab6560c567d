// Package sandbox is the gateway of play money. The provider that it speaks with is ours too and lies in the folder
// provider; the two share nothing but the types on the wire, the signature and the secret.
package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"guiche/payment"
)

// Gateway speaks with the sandbox provider: the whole way of a payment, without money.
type Gateway struct {
	Client  *http.Client // makes the calls
	baseURL string
	secret  string
}

var _ payment.Gateway = (*Gateway)(nil)

// New makes a gateway that speaks with the provider at baseURL; both sides know the secret, which opens the API and signs notices.
func New(baseURL, secret string) *Gateway {
	return &Gateway{
		baseURL: strings.TrimRight(baseURL, "/"),
		secret:  secret,
		Client:  payment.NewClient(),
	}
}

// Name is "sandbox".
func (s *Gateway) Name() string { return "sandbox" }

// Methods are none: the provider's page offers them all.
func (s *Gateway) Methods() []payment.Method { return nil }

// Bounds are those of every currency.
func (s *Gateway) Bounds(string) (payment.Bounds, bool) { return payment.Bounds{LeastCents: 1}, true }

// Create makes a charge, or finds the one with the same reference.
func (s *Gateway) Create(ctx context.Context, c payment.NewCharge) (payment.Charge, error) {
	var reply Charge
	err := s.call(ctx, http.MethodPost, "/v1/charges", onWire(c), &reply)
	return payment.Charge(reply), err
}

// Get reads a charge by the provider's id.
func (s *Gateway) Get(ctx context.Context, id string) (payment.Charge, error) {
	return s.charge(ctx, http.MethodGet, id, "")
}

// Find reads a charge by our reference.
func (s *Gateway) Find(ctx context.Context, reference string, _ time.Time) (payment.Charge, error) {
	var reply Charge
	err := s.call(ctx, http.MethodGet, "/v1/charges?"+url.Values{"reference": {reference}}.Encode(), nil, &reply)
	return payment.Charge(reply), err
}

// Cancel ends an open charge and returns what is true now.
func (s *Gateway) Cancel(ctx context.Context, id string) (payment.Charge, error) {
	return s.charge(ctx, http.MethodPost, id, "/cancel")
}

// Refund sends money of a paid charge back, once per key.
func (s *Gateway) Refund(ctx context.Context, r payment.NewRefund) (payment.Refund, error) {
	path, err := chargePath(r.ChargeID)
	if err != nil {
		return payment.Refund{}, err
	}
	var reply Refund
	err = s.call(ctx, http.MethodPost, path+"/refunds", NewRefund{Key: r.Key, AmountCents: r.AmountCents}, &reply)
	return payment.Refund(reply), err
}

// GetRefund reads one refund of a charge.
func (s *Gateway) GetRefund(ctx context.Context, chargeID, refundID string) (payment.Refund, error) {
	path, err := chargePath(chargeID)
	if err != nil || refundID == "" || refundID == "." || refundID == ".." {
		return payment.Refund{}, payment.ErrNotFound
	}
	var reply Refund
	err = s.call(ctx, http.MethodGet, path+"/refunds/"+url.PathEscape(refundID), nil, &reply)
	return payment.Refund(reply), err
}

// ParseNotice checks who signed a notice and reads it.
func (s *Gateway) ParseNotice(d payment.Delivery) (payment.Notice, error) {
	if !verify(s.secret, d.Header.Get(SignatureHeader), d.Body) {
		return payment.Notice{}, payment.ErrSignature
	}
	var n Notice
	if err := json.Unmarshal(d.Body, &n); err != nil {
		return payment.Notice{}, fmt.Errorf("%w: %w", payment.ErrNotice, err)
	}
	if n.ID == "" || n.Reference == "" || n.Type == "" {
		return payment.Notice{}, fmt.Errorf("%w: a field is missing", payment.ErrNotice)
	}
	return payment.Notice{ID: n.ID, Reference: n.Reference}, nil
}

func (s *Gateway) charge(ctx context.Context, method, id, action string) (payment.Charge, error) {
	path, err := chargePath(id)
	if err != nil {
		return payment.Charge{}, err
	}
	var reply Charge
	err = s.call(ctx, method, path+action, nil, &reply)
	return payment.Charge(reply), err
}

// chargePath refuses the ids that would mean another place than a charge.
func chargePath(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", payment.ErrNotFound
	}
	return "/v1/charges/" + url.PathEscape(id), nil
}

// call sends one request and reads its answer into reply, which stays empty unless the answer is a success.
func (s *Gateway) call(ctx context.Context, method, path string, body, reply any) error {
	var payload io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("payment: sandbox: %w", err)
		}
		payload = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.baseURL+path, payload)
	if err != nil {
		return fmt.Errorf("payment: sandbox: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.Client.Do(req)
	if err != nil {
		return fmt.Errorf("payment: sandbox: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, BodyLimit))
	if err != nil {
		return fmt.Errorf("payment: sandbox: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		var e Error
		_ = json.Unmarshal(answer, &e) // a proxy's page has no code, and its status says enough
		switch e.Error {
		case CodeNotFound:
			return payment.ErrNotFound
		case CodeBusy:
			return fmt.Errorf("%w: sandbox", payment.ErrBusy)
		case CodeMethod:
			return payment.Refuse(payment.ReasonMethod, "sandbox: %s", e.Error)
		case CodeExcessive:
			return payment.Refuse(payment.ReasonLess, "sandbox: %s", e.Error)
		case CodeMalformed, CodeInvalid, CodeConflict, CodeNotPaid, CodeRefused:
			return fmt.Errorf("%w: sandbox: %s", payment.ErrRefused, e.Error)
		}
		return fmt.Errorf("payment: sandbox: answer %d %q", resp.StatusCode, e.Error)
	}
	if err := json.Unmarshal(answer, reply); err != nil {
		return fmt.Errorf("payment: sandbox: %w", err)
	}
	return nil
}
