package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"guiche/jobs"
	"guiche/jobs/generator"
	"guiche/jobs/line"
	"guiche/jobs/worker"
	"guiche/outbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/provider"
	"guiche/web"
)

// How old the last sign of work may be for a process to be ready: a generator hears from Postgres each second, a worker sweeps
// each five.
const (
	leadTime  = 3 * time.Second
	sweepTime = 30 * time.Second
)

func runWeb(ctx context.Context, a *app) error {
	return a.bootWithStore(ctx, jobs.OpenRedisForBrowsers, func(p parts) error {
		server, err := web.New(web.Config{
			Store: p.db, Redis: p.redis, RedisURL: a.RedisURL, Gateways: p.gateways, BaseURL: a.BaseURL,
			SecretKey: []byte(a.SecretKey), RateLimit: a.limits, ClientIPHeader: a.ClientIPHeader,
			DrainTime: a.DrainTime, DevMode: a.DevMode, Outbox: a.outbox(), Log: a.log, Metrics: p.metrics,
		})
		if err != nil {
			return err
		}
		if err := a.patient(ctx, "Redis", func() error { return line.New(p.redis).Check(ctx) }); err != nil {
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
		p.ops.Ready(server.Ready)
		a.log.Info("answering browsers", "address", listener.Addr(), "url", a.BaseURL)
		return server.Serve(ctx, listener)
	})
}

func runGenerator(ctx context.Context, a *app) error {
	return a.boot(ctx, jobs.OpenRedis, func(p parts) error {
		pulse := &jobs.Pulse{}
		db, err := a.openStore(ctx) // a leader's one connection has no second try
		if err == nil {
			err = db.Close()
		}
		if err == nil {
			err = a.patient(ctx, "Redis", func() error { return line.New(p.redis).Check(ctx) })
		}
		if err != nil {
			return err
		}
		p.ops.Ready(web.Fresh(pulse, leadTime, "Postgres has not answered the generator"))
		return generator.Run(ctx, generator.Config{
			DatabaseURL: a.DatabaseURL, Redis: p.redis, Log: a.log, Metrics: p.metrics, Pulse: pulse,
		})
	})
}

func runWorker(ctx context.Context, a *app) error {
	return a.bootWithStore(ctx, jobs.OpenRedis, func(p parts) error {
		letters, err := a.letters()
		if err != nil {
			return err
		}
		pulse := &jobs.Pulse{}
		p.ops.Ready(web.Fresh(pulse, sweepTime, "the worker has not swept"))
		if missing := a.unnamedSeller(); len(missing) > 0 {
			a.log.Warn("letters do not say who sells, as the law wants them to", "missing", missing)
		}
		a.log.Info("working")
		return worker.Run(ctx, worker.Config{
			Store: p.db, Redis: p.redis, Gateways: p.gateways, Letters: letters, Log: a.log, Metrics: p.metrics, Pulse: pulse,
		})
	})
}

func runSandbox(ctx context.Context, a *app) error {
	if err := a.need("SECRET_KEY"); err != nil {
		return err
	}
	provider, err := provider.New(provider.Config{
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
	stopOutbox, err := a.listen("GUICHE_OUTBOX", a.OutboxAddr, a.takeLetters)
	if err != nil {
		return err
	}
	defer stopOutbox()
	a.log.Info("sandbox payments", "url", a.SandboxURL)
	defer context.AfterFunc(ctx, func() { provider.SetCruelty(cruelty.Cruelty{}) })() // the server waits for calls that hang
	err = httpService(provider)(ctx, listener)
	grace, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	return errors.Join(err, provider.Shutdown(grace))
}

// takeLetters is dev's own mail server.
func (a *app) takeLetters(ctx context.Context, listener net.Listener) error {
	return outbox.Serve(ctx, listener, a.outbox(), a.log)
}
