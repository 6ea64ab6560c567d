package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// redisConnections are as many as a process may open: Redis writes to the disk once for all the commands that it finds
	// waiting, so a rush needs more of them in flight than the client's default for few processors. pool_size in the URL
	// wins.
	redisConnections = 128
	// redisConnectionLife is how long a connection is used: a server that became a copy of another one is left by then,
	// also by those who only read.
	redisConnectionLife = 30 * time.Second
)

// OpenRedis connects to Redis at a redis:// or unix:// URL and tries the connection.
func OpenRedis(ctx context.Context, redisURL string) (*redis.Client, error) {
	return openRedis(ctx, redisURL, func(*redis.Options) {})
}

// What a browser may wait for Redis: a process that serves people gives up sooner, and while Redis is away at once.
const (
	browserRead  = 2 * time.Second
	browserDial  = time.Second
	browserPool  = time.Second
	browserTries = 1
)

// OpenRedisForBrowsers is OpenRedis for a process that people wait for. Settings in the URL win.
func OpenRedisForBrowsers(ctx context.Context, redisURL string) (*redis.Client, error) {
	return openRedis(ctx, redisURL, func(o *redis.Options) {
		orDuration(&o.ReadTimeout, browserRead)
		orDuration(&o.WriteTimeout, browserRead)
		orDuration(&o.DialTimeout, browserDial)
		orDuration(&o.PoolTimeout, browserPool)
		if o.MaxRetries == 0 {
			o.MaxRetries = browserTries
		}
		o.Limiter = &AwayMemory{}
	})
}

func orDuration(d *time.Duration, otherwise time.Duration) {
	if *d == 0 {
		*d = otherwise
	}
}

func openRedis(ctx context.Context, redisURL string, tune func(*redis.Options)) (*redis.Client, error) {
	options, err := RedisOptions(redisURL)
	if err != nil {
		return nil, err
	}
	if options.PoolSize == 0 {
		options.PoolSize = redisConnections
	}
	orDuration(&options.ConnMaxLifetime, redisConnectionLife)
	options.ContextTimeoutEnabled = true // else a deadline of ours bounds nothing
	options.OnConnect = wantsMaster
	tune(options)
	rdb := redis.NewClient(options)
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	return rdb, nil
}

// errRedisURL shows no part of the setting, which holds a password.
var errRedisURL = errors.New("REDIS_URL is not a URL such as redis://:password@redis.example:6379/0, rediss://… or unix:///run/redis.sock; " +
	"what is neither letter nor digit in the password is written as % and its two hex digits")

// RedisOptions reads the setting REDIS_URL.
func RedisOptions(redisURL string) (*redis.Options, error) {
	// A password that is not encoded may end its URL early: its rest would then be taken for a path, and its beginning
	// for the server's port.
	u, err := url.Parse(redisURL)
	if err != nil || u.Fragment != "" || strings.Contains(u.EscapedPath()+u.RawQuery, "@") {
		return nil, errRedisURL
	}
	_, unread := url.ParseQuery(u.RawQuery)
	options, err := redis.ParseURL(redisURL)
	if err != nil || unread != nil {
		return nil, errRedisURL
	}
	return options, nil
}

// errCopy says that a connection leads to a copy of another Redis, which takes no writes and may be behind.
var errCopy = errors.New("redis here is a copy of another one")

// wantsMaster has a new connection fail that leads to a copy. Who may not ask, as at some hosts, is believed.
func wantsMaster(ctx context.Context, cn *redis.Conn) error {
	role, err := cn.Do(ctx, "ROLE").Slice()
	if err == nil && len(role) > 0 && role[0] != "master" {
		return errCopy
	}
	return nil
}
