package jobs

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// calmPause is how long a command waits after it found Redis away: asynq asks again at once and for ever, which would
// take a whole core. A pause in the dialer would not do, since the pool answers with the last dial's error.
const calmPause = 50 * time.Millisecond

// calmClient is a client of asynq's own to the same Redis, which does not spin while Redis is away.
func calmClient(rdb *redis.Client) *redis.Client {
	options := *rdb.Options()
	calm := redis.NewClient(&options)
	calm.AddHook(calmHook{})
	return calm
}

type calmHook struct{}

func (calmHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (calmHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		calmDown(ctx, err)
		return err
	}
}

func (calmHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		calmDown(ctx, err)
		return err
	}
}

func calmDown(ctx context.Context, err error) {
	var away net.Error
	if !errors.As(err, &away) {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(calmPause):
	}
}
