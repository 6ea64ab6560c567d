package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/jobs/worker"
	"guiche/payment/sandbox"
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
	if err := line.New(rdb).Check(ctx); err != nil {
		return err
	}
	host := "" // every address, for the platform's load balancer
	if loopback, _ := isLoopback(a.BaseURL); loopback {
		host = "localhost" // a shop that only this machine is meant to reach
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port(a.Port)))
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
	rdb, err := jobs.OpenRedis(ctx, a.RedisURL)
	if err != nil {
		return err
	}
	defer rdb.Close()
	metrics, stopOps, err := a.ops()
	if err != nil {
		return err
	}
	defer stopOps()
	return generator.Run(ctx, generator.Config{DatabaseURL: a.DatabaseURL, Redis: rdb, Log: a.log, Metrics: metrics})
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
	letters, err := a.letters()
	if err != nil {
		return err
	}
	a.log.Info("working")
	return worker.Run(ctx, worker.Config{Store: db, Redis: rdb, Gateways: gateways, Letters: letters, Log: a.log, Metrics: metrics})
}

func runSandbox(ctx context.Context, a *app) error {
	if err := a.need("SECRET_KEY"); err != nil {
		return err
	}
	provider, err := sandbox.NewProvider(sandbox.ProviderConfig{
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
	defer context.AfterFunc(ctx, func() { provider.SetCruelty(sandbox.Cruelty{}) })() // the server waits for calls that hang
	err = serve(ctx, listener, provider)
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(err, provider.Shutdown(grace))
}

func runMigrate(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL"); err != nil {
		return err
	}
	return a.migrate(ctx)
}

// migrate brings the database to this version's schema. One that a newer release has migrated stays as it is: old and
// new run side by side during a deploy, and after one that was taken back.
func (a *app) migrate(ctx context.Context) error {
	err := store.Migrate(ctx, a.DatabaseURL)
	if errors.Is(err, store.ErrNewerSchema) {
		a.log.Info(store.ErrNewerSchema.Error())
		return nil
	}
	return err
}

func runVersion(_ context.Context, a *app) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	fmt.Fprintln(a.stdout, "guiche", version)
	return nil
}

// connect opens the store and Redis.
func (a *app) connect(ctx context.Context) (*store.Store, *redis.Client, error) {
	db, err := store.Open(ctx, a.DatabaseURL)
	if err != nil {
		return nil, nil, err
	}
	rdb, err := jobs.OpenRedis(ctx, a.RedisURL)
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
