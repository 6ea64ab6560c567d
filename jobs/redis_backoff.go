package jobs

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// awayPause is how long a command waits after it found Redis away, or saying no to everything: asynq asks again at once and
// for ever, which would take a whole core. A pause in the dialer would not do, since the pool answers with the last dial's error.
const awayPause = 50 * time.Millisecond

// BackoffClient is a client of asynq's own to the same Redis, which does not spin while Redis is away.
func BackoffClient(rdb *redis.Client) *redis.Client {
	options := *rdb.Options()
	client := redis.NewClient(&options)
	client.AddHook(backoffHook{})
	return client
}

type backoffHook struct{}

func (backoffHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (backoffHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		backOff(ctx, err)
		return err
	}
}

func (backoffHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		backOff(ctx, err)
		return err
	}
}

func backOff(ctx context.Context, err error) {
	if !RedisAway(err) {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(awayPause):
	}
}
