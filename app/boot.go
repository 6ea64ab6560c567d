package app

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/payment"
	"guiche/store"
	"guiche/web"
)

// parts are what a process works with.
type parts struct {
	redis    *redis.Client
	metrics  *prometheus.Registry
	ops      *web.Ops         // what the private listener tells
	db       *store.Store     // nil in the generator, whose one connection to Postgres holds the lead
	gateways payment.Gateways // empty in the generator, which never touches money
}

// openRedis connects a process to Redis.
type openRedis func(ctx context.Context, redisURL string) (*redis.Client, error)

// boot opens what every process works with and closes it when run returns.
func (a *app) boot(ctx context.Context, open openRedis, run func(parts) error) error {
	if err := a.need("DATABASE_URL", "REDIS_URL"); err != nil {
		return err
	}
	a.log.Info("guiche starts", "version", version())
	a.warn()
	var rdb *redis.Client
	err := a.patient(ctx, "Redis", func() (err error) {
		rdb, err = open(ctx, a.RedisURL)
		return err
	})
	if err != nil {
		return err
	}
	defer rdb.Close()
	metrics, queue := prometheus.NewRegistry(), line.New(rdb)
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		line.Metrics(queue), buildInfo())
	ops := web.NewOps(metrics, queue)
	stop, err := a.listen("OPS_ADDR", a.OpsAddr, httpService(ops))
	if err != nil {
		return err
	}
	defer stop()
	return run(parts{redis: rdb, metrics: metrics, ops: ops})
}

// bootWithStore is boot for processes that read and write rows and speak to payment APIs.
func (a *app) bootWithStore(ctx context.Context, open openRedis, run func(parts) error) error {
	if err := a.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY"); err != nil {
		return err
	}
	gateways, err := a.gateways(a.log)
	if err != nil {
		return err
	}
	db, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return a.boot(ctx, open, func(p parts) error {
		p.db, p.gateways = db, gateways
		p.ops.AddStore(db)
		return run(p)
	})
}

// openStore opens the store as soon as Postgres answers.
func (a *app) openStore(ctx context.Context) (db *store.Store, err error) {
	err = a.patient(ctx, "Postgres", func() (err error) {
		db, err = store.Open(ctx, a.DatabaseURL)
		return err
	})
	return db, err
}

// connect opens the store and Redis for a command that ends by itself.
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
