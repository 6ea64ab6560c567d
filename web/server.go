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
	PaymentOrigins []string // scheme and host of the gateways' payment pages
	BaseURL        string   // where browsers reach the site, without a path
	SecretKey      []byte   // signs the codes of tickets
	RateLimit      Limits
	ClientIPHeader string        // header with the visitor's address, set by the platform; empty for the connection's own
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
	live     *live
	limits   *limiter
	sessions *sessions
	people   *people
	shop     *shop
	orders   *orders
	money    *money
	tickets  *tickets
	admin    *admin
	echo     *echo.Echo
	draining atomic.Bool // stopping: not ready any more, though requests are still answered
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
	passes, err := newPasses(p, c.SecretKey)
	if err != nil {
		return nil, err
	}
	// Each process finds out by itself that a gateway is silent; then no fan waits for it.
	c.Gateways = c.Gateways.Cover(func(g payment.Gateway) payment.Gateway { return payment.NewBreaker(g) })
	line, nudges := line.New(c.Redis), jobs.NewNudges(c.Redis)
	catalog, live, limits := newCatalog(c.Store), newLive(line, c.Log), newLimiter(p, c.Redis, c.RateLimit, c.SecretKey)
	hints := &hints{pages: p, nudges: nudges, redis: c.Redis}
	sessions := &sessions{pages: p, manager: manager, store: c.Store, redis: c.Redis}
	finder := &orderFinder{
		store: c.Store, rows: &orderReader{store: c.Store}, line: line, live: live, catalog: catalog, methods: methods(c.Gateways),
	}
	s := &Server{
		Config: c, pages: p, live: live, limits: limits, sessions: sessions,
		people: &people{
			pages: p, store: c.Store, sessions: sessions, passes: passes, limits: limits, hashing: newHasher(), links: links, hints: hints,
		},
		shop: &shop{pages: p, store: c.Store, sessions: sessions, catalog: catalog, live: live, finder: finder},
		money: &money{
			pages: p, store: c.Store, gateways: c.Gateways, nudges: nudges, hints: hints, finder: finder, live: live,
		},
		tickets: &tickets{pages: p, store: c.Store, catalog: catalog, coder: coder},
		admin:   &admin{pages: p, store: c.Store, line: line, catalog: catalog, hints: hints, gateway: c.Gateways.Current()},
	}
	s.orders = &orders{
		pages: p, store: c.Store, line: line, nudges: nudges, hints: hints, shop: s.shop, finder: finder, live: live,
		limits: limits, passes: passes, asks: newAskLimits(),
	}
	s.echo = s.routes()
	return s, nil
}

const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	// stopTime is how long requests in flight may take when the role stops; live updates end at once.
	stopTime = 10 * time.Second
)

// Serve serves a listener until ctx ends. Then it says that it is not ready, so that the load balancer sends new requests
// elsewhere, still answers those that come for a while, and lets the ones in flight finish.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	running, stop := context.WithCancel(context.Background())
	defer stop()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		s.live.run(running)
	}()
	server := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
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
	<-heard
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
