package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
	"guiche/web"
)

const (
	headerTime = 10 * time.Second
	stopTime   = 5 * time.Second
)

func runWeb(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY"); err != nil {
		return err
	}
	db, rdb, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer rdb.Close()
	metrics, stopOps, err := a.ops()
	if err != nil {
		return err
	}
	defer stopOps()
	gateways, err := a.gateways(a.log)
	if err != nil {
		return err
	}
	server, err := web.New(web.Config{
		Store: db, Redis: rdb, RedisURL: a.RedisURL, Gateways: gateways, BaseURL: a.BaseURL,
		PaymentOrigins: a.paymentOrigins(), SecretKey: []byte(a.SecretKey), RateLimit: a.limits, ClientIPHeader: a.ClientIPHeader,
		DrainTime: a.DrainTime, DevMode: a.DevMode, Outbox: a.outbox(), Log: a.log, Metrics: metrics,
	})
	if err != nil {
		return err
	}
	if err := jobs.NewLine(rdb).Check(ctx); err != nil {
		return err
	}
	host := "" // every address, for the platform's load balancer
	if loopback, _ := isLoopback(a.BaseURL); loopback {
		host = "localhost" // a shop that only this machine is meant to reach
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", host, a.Port))
	if err != nil {
		return err
	}
	a.log.Info("answering browsers", "address", listener.Addr(), "url", a.BaseURL)
	return server.Serve(ctx, listener)
}

func runGenerator(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL"); err != nil {
		return err
	}
	rdb, err := store.OpenRedis(ctx, a.RedisURL)
	if err != nil {
		return err
	}
	defer rdb.Close()
	metrics, stopOps, err := a.ops()
	if err != nil {
		return err
	}
	defer stopOps()
	return jobs.RunGenerator(ctx, jobs.GeneratorConfig{DatabaseURL: a.DatabaseURL, Redis: rdb, Log: a.log, Metrics: metrics})
}

func runWorker(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY"); err != nil {
		return err
	}
	db, rdb, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer rdb.Close()
	metrics, stopOps, err := a.ops()
	if err != nil {
		return err
	}
	defer stopOps()
	gateways, err := a.gateways(a.log)
	if err != nil {
		return err
	}
	mail, err := a.mail()
	if err != nil {
		return err
	}
	a.log.Info("working")
	return jobs.RunWorker(ctx, jobs.WorkerConfig{Store: db, Redis: rdb, Gateways: gateways, Mail: mail, Log: a.log, Metrics: metrics})
}

func runSandbox(ctx context.Context, a *app) error {
	if err := a.need("SECRET_KEY"); err != nil {
		return err
	}
	provider, err := payment.NewProvider(payment.ProviderConfig{
		BaseURL: a.SandboxURL, Secret: a.sandboxSecret(), Dir: a.DataDir + "/sandbox", Log: a.log, Cruelty: a.cruelty,
	})
	if err != nil {
		return err
	}
	u, err := url.Parse(a.SandboxURL)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("localhost", u.Port()))
	if err != nil {
		return err
	}
	stopOutbox, err := a.serveOutbox()
	if err != nil {
		return err
	}
	defer stopOutbox()
	a.log.Info("sandbox payments", "url", a.SandboxURL)
	defer context.AfterFunc(ctx, func() { provider.SetCruelty(payment.Cruelty{}) })() // the server waits for calls that hang
	err = serve(ctx, listener, provider)
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(err, provider.Shutdown(grace))
}

// connect opens the store and Redis.
func (a *app) connect(ctx context.Context) (*store.Store, *redis.Client, error) {
	db, err := store.Open(ctx, a.DatabaseURL)
	if err != nil {
		return nil, nil, err
	}
	rdb, err := store.OpenRedis(ctx, a.RedisURL)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, rdb, nil
}

// ops serves metrics and health on a private listener, if OPS_ADDR names one.
func (a *app) ops() (*prometheus.Registry, func(), error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if a.OpsAddr == "" {
		return registry, func() {}, nil
	}
	listener, err := net.Listen("tcp", a.OpsAddr)
	if err != nil {
		return nil, nil, fmt.Errorf("OPS_ADDR: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(ctx, listener, web.Ops(registry)); err != nil {
			a.log.Error("metrics are not served", "error", err)
		}
	}()
	return registry, func() { cancel(); <-done }, nil
}

// serve answers until ctx ends and lets the requests in hand finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return server.Shutdown(grace)
}
