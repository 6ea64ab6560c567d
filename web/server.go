// Package web serves browsers: routes, handlers, sessions, forms and live updates. Only this package knows HTTP, echo
// and scs. It keeps no state that another web process would need.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/outbox"
	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// Config is what the web role runs on.
type Config struct {
	Store          *store.Store
	Redis          *redis.Client
	RedisURL       string // for the sessions' own pool of connections
	Gateways       payment.Gateways
	BaseURL        string // where browsers reach the site, without a path
	SecretKey      []byte // signs the codes of tickets
	RateLimit      Limits
	ClientIPHeader string        // header with the visitor's address, or a list that ends with it, set by the platform; empty for the connection's own
	DrainTime      time.Duration // how long a stopping role still takes requests, for load balancers to notice
	DevMode        bool
	Outbox         outbox.Folder // where dev keeps e-mails, to show them; empty for none
	Log            *slog.Logger
	Metrics        prometheus.Registerer
}

// Server is the web role. Its handlers come in groups, each with what it may touch.
type Server struct {
	Config
	*pages
	live         *live
	gatewayWatch *gatewayWatch
	limits       *limiter
	sessions     *sessions
	people       *people
	shop         *shop
	orders       *orders
	money        *money
	tickets      *tickets
	admin        *admin
	forms        *forms
	echo         *echo.Echo
	requests     atomic.Int64 // answered so far
	draining     atomic.Bool  // stopping: not ready any more, though requests are still answered
}

// New wires the web role; nothing runs before Serve.
func New(c Config) (*Server, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("BASE_URL %q is not a URL", c.BaseURL)
	}
	p := &pages{logger: c.Log, metrics: newMetrics(c.Metrics), base: base, devMode: c.DevMode, outbox: c.Outbox != ""}
	manager, err := newSessions(c.RedisURL, p.secure())
	if err != nil {
		return nil, err
	}
	coder, err := views.NewTicketCoder(c.SecretKey)
	if err != nil {
		return nil, err
	}
	links, err := views.NewLinks(c.BaseURL, c.SecretKey)
	if err != nil {
		return nil, err
	}
	ended := &endedSessions{redis: c.Redis, log: c.Log, ids: map[string]time.Time{}}
	passes, err := newPasses(p, c.SecretKey, ended)
	if err != nil {
		return nil, err
	}
	devices, err := newDevices(p, c.SecretKey)
	if err != nil {
		return nil, err
	}
	forms, err := newForms(p, c.Redis, c.SecretKey)
	if err != nil {
		return nil, err
	}
	signer, err := newShownSigner(c.SecretKey)
	if err != nil {
		return nil, err
	}
	gatewayWatch := &gatewayWatch{store: c.Store, metrics: p.metrics, log: c.Log, trips: map[string]int64{}}
	c.Gateways = gatewayWatch.cover(c.Gateways)
	line, nudges := line.New(c.Redis), jobs.NewNudges(c.Redis)
	catalog, live, limits := newCatalog(c.Store), newLive(line, c.Log), newLimiter(p, c.Redis, c.RateLimit, c.SecretKey)
	hints := &hints{pages: p, nudges: nudges, redis: c.Redis, line: line}
	sessions := &sessions{
		pages: p, manager: manager, store: c.Store, redis: c.Redis, rows: &accountReader{query: c.Store.Accounts}, ended: ended,
		devices: devices, forms: forms,
	}
	ended.heard = live.hangUp
	finder := &orderFinder{
		store: c.Store, rows: newOrderReader(c.Store), line: line, live: live, catalog: catalog, holds: newHolds(c.Store),
		methods: methods(c.Gateways), gateway: c.Gateways.Current().Name(),
	}
	s := &Server{
		Config: c, pages: p, live: live, gatewayWatch: gatewayWatch, limits: limits, sessions: sessions, forms: forms,
		people: &people{
			pages: p, store: c.Store, sessions: sessions, passes: passes, limits: limits, devices: devices,
			hashing: newHasher(), links: links, hints: hints,
		},
		shop: &shop{pages: p, store: c.Store, sessions: sessions, catalog: catalog, live: live, finder: finder, signer: signer},
		money: &money{
			pages: p, store: c.Store, gateways: c.Gateways, nudges: nudges, hints: hints, finder: finder, live: live,
			notices: newNoticeWatch(p, c.Store, gatewayWatch.names()),
		},
		tickets: &tickets{pages: p, store: c.Store, catalog: catalog, coder: coder},
		admin:   &admin{pages: p, store: c.Store, line: line, catalog: catalog, hints: hints, gateway: c.Gateways.Current()},
	}
	s.orders = &orders{
		pages: p, store: c.Store, line: line, nudges: nudges, hints: hints, shop: s.shop, finder: finder, live: live,
		limits: limits, passes: passes, ended: ended, seats: newSeats(), asks: newAskLimits(),
	}
	s.echo = s.routes()
	return s, nil
}

const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	// writeTime is how long a reader may take for an answer. What is long sets a deadline for each of its parts.
	writeTime = 30 * time.Second
	// stopTime is how long requests in flight may take when the role stops; live updates end at once.
	stopTime = 10 * time.Second
)

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: headerTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// Serve serves a listener until ctx ends. Then it says that it is not ready, so that the load balancer sends new requests
// elsewhere, still answers those that come for a while, and lets the ones in flight finish.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	running, stop := context.WithCancel(context.Background())
	defer stop()
	var following sync.WaitGroup
	following.Go(func() { s.live.run(running) })
	following.Go(func() { s.sessions.ended.follow(running) })
	following.Go(func() { s.gatewayWatch.run(running) })
	server := s.httpServer()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	server.SetKeepAlivesEnabled(false)
	select {
	case err := <-failed:
		return err
	case <-time.After(s.DrainTime):
	}
	stop() // browsers with live updates connect again, to another process
	following.Wait()
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
