package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// redisConnections are as many as a process may open: Redis writes to the disk once for all the commands that it finds
// waiting, so a rush needs more of them in flight than the client's default for few processors. pool_size in the URL
// wins.
const redisConnections = 128

// OpenRedis connects to Redis at a redis:// or unix:// URL and tries the connection.
func OpenRedis(ctx context.Context, redisURL string) (*redis.Client, error) {
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	if options.PoolSize == 0 {
		options.PoolSize = redisConnections
	}
	rdb := redis.NewClient(options)
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	return rdb, nil
}
