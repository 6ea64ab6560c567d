package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/redis/go-redis/v9"
)

// redisConnections are as many as a process may open: Redis writes to the disk once for all the commands that it finds
// waiting, so a rush needs more of them in flight than the client's default for few processors. pool_size in the URL
// wins.
const redisConnections = 128

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
	if options.PoolSize == 0 {
		options.PoolSize = redisConnections
	}
	return options, nil
}

// OpenRedis connects to Redis at a redis://, rediss:// or unix:// URL and tries the connection.
func OpenRedis(ctx context.Context, redisURL string) (*redis.Client, error) {
	options, err := RedisOptions(redisURL)
	if err != nil {
		return nil, err
	}
	rdb := redis.NewClient(options)
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	return rdb, nil
}
