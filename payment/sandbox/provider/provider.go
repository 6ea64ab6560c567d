// Package provider is the sandbox payment provider: an API for merchants, a hosted page for payers, and signed notices.
package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

// Config says how a sandbox provider runs.
type Config struct {
	BaseURL   string            // where payers reach it, without a path
	Secret    string            // shared with the client: opens the API and signs notices
	Dir       string            // of the journal; empty keeps the charges in memory
	Now       func() time.Time  // time.Now if nil
	Log       *slog.Logger      // slog.Default if nil
	Transport http.RoundTripper // of notices; one of its own if nil
	Cruelty   cruelty.Cruelty   // none if zero
}

// Provider is the sandbox payment provider: an API for merchants, a hosted page for payers, and signed notices.
// It stands for the outside world, so it shares nothing with its client but the types on the wire.
type Provider struct {
	baseURL string
	secret  string
	now     func() time.Time // with the skew
	log     *slog.Logger
	temper  *cruelty.Temper
	ledger  *ledger.Ledger
	flights *flights
	notices *noticeSender
	handler http.Handler
}

// New opens the journal and starts the sender of notices; Shutdown ends both.
func New(c Config) (*Provider, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || strings.TrimRight(base.Path, "/") != "" {
		return nil, fmt.Errorf("payment: provider: base URL %q is not an address without a path", c.BaseURL)
	}
	if c.Secret == "" {
		return nil, errors.New("payment: provider: the secret is empty")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = noticeWorkers // all notices go to one shop
		c.Transport = transport
	}
	temper := cruelty.NewTemper(c.Cruelty, c.Now)
	charges, err := ledger.Open(c.Dir, temper.Time)
	if err != nil {
		return nil, err
	}
	p := &Provider{
		baseURL: strings.TrimRight(c.BaseURL, "/"),
		secret:  c.Secret,
		now:     temper.Time,
		log:     c.Log,
		temper:  temper,
		ledger:  charges,
		flights: &flights{timers: map[string]*time.Timer{}},
		notices: startNoticeSender(c.Secret, temper.Time, c.Log, c.Transport),
	}
	if c.Cruelty != (cruelty.Cruelty{}) {
		c.Log.Info("the sandbox is cruel", "cruelty", c.Cruelty.String())
	}
	for _, charge := range charges.InFlight() {
		p.await(charge)
	}
	p.handler = p.routes()
	return p, nil
}

// ServeHTTP answers merchants and payers.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Shutdown tries the notices that are due once more, as long as the context lasts, and closes the journal.
// Stop the HTTP server first.
func (p *Provider) Shutdown(ctx context.Context) error {
	p.flights.close()
	p.notices.close(ctx)
	return p.ledger.Close()
}

func (p *Provider) routes() http.Handler {
	// For merchants: everything needs the secret.
	api := http.NewServeMux()
	api.HandleFunc("POST /v1/charges", p.cruelly("create", p.createCharge))
	api.HandleFunc("GET /v1/charges", p.cruelly("find", p.findCharge))
	api.HandleFunc("GET /v1/charges/{id}", p.cruelly("get", p.showCharge))
	api.HandleFunc("POST /v1/charges/{id}/cancel", p.cruelly("cancel", p.cancelCharge))
	api.HandleFunc("POST /v1/charges/{id}/refunds", p.cruelly("refund", p.createRefund))
	api.HandleFunc("GET /v1/charges/{id}/refunds/{refund}", p.cruelly("get_refund", p.showRefund))
	api.HandleFunc("GET /v1/cruelty", p.showCruelty)
	api.HandleFunc("POST /v1/cruelty", p.changeCruelty)

	// For payers: whoever has the token may pay.
	mux := http.NewServeMux()
	mux.Handle("/v1/", p.merchantsOnly(api))
	mux.HandleFunc("GET /pay/{token}", p.showPage)
	mux.Handle("POST /pay/{token}", http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.takeOutcome)))
	mux.HandleFunc("GET "+stylePath, asset("hosted/style.css"))
	mux.HandleFunc("GET "+iconPath, asset("hosted/mark.svg"))
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	return mux
}
