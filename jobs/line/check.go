package line

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
)

// errContract says that this asynq or Redis does not behave as the line relies on.
var errContract = errors.New("the queue's layout is not the known one")

// Check proves that asynq stores a task where and how the join script does, and that Redis never evicts keys.
func (l *Line) Check(ctx context.Context) error {
	if err := l.checkRedis(ctx); err != nil {
		return err
	}
	if err := l.checkLayout(ctx); err != nil {
		return err
	}
	client := asynq.NewClientFromRedisClient(l.rdb)
	inspector := asynq.NewInspectorFromRedisClient(l.rdb)
	id := uuid.NewString()
	queue, payload := "contract-"+id, []byte(`{"number":"1"}`)
	if _, err := client.EnqueueContext(ctx, jobs.NewTask(jobs.KindPurchase, payload), asynq.Queue(queue), asynq.TaskID(id),
		asynq.MaxRetry(jobs.ManyTries), asynq.Deadline(jobs.FarAway)); err != nil {
		return fmt.Errorf("%w: %w", errContract, err)
	}
	defer l.forgetQueue(inspector, queue)
	task, err := l.rdb.HGetAll(ctx, jobs.TaskKey(queue, id)).Result()
	if err != nil {
		return err
	}
	pending, err := l.rdb.LRange(ctx, jobs.ListKey(queue, "pending"), 0, -1).Result()
	if err != nil {
		return err
	}
	known, err := l.rdb.SIsMember(ctx, queuesKey, queue).Result()
	if err != nil {
		return err
	}
	ours := taskMessage(jobs.KindPurchase, id, queue, payload)
	switch {
	case !bytes.Equal([]byte(task["msg"]), ours):
		return fmt.Errorf("%w: task message", errContract)
	case len(task) != 3 || task["state"] != "pending" || task["pending_since"] == "":
		return fmt.Errorf("%w: task fields", errContract)
	case len(pending) != 1 || pending[0] != id || !known:
		return fmt.Errorf("%w: pending list", errContract)
	}
	return nil
}

// forgetQueue deletes a queue of the check, and asynq's counts of it, some of which would stay for ever.
func (l *Line) forgetQueue(inspector *asynq.Inspector, queue string) {
	ctx, cancel := context.WithTimeout(context.Background(), contractTime)
	defer cancel()
	_ = inspector.DeleteQueue(queue, true) // a left-over is harmless
	day := time.Now().UTC().Format(time.DateOnly)
	var counts []string
	for _, count := range []string{"processed", "failed"} {
		counts = append(counts, jobs.ListKey(queue, count), jobs.ListKey(queue, count+":"+day))
	}
	_ = l.rdb.Del(ctx, counts...).Err()
	_ = l.rdb.HDel(ctx, lastClaimKey, inHandField(queue)).Err()
}

// checkLayout refuses lines that a newer release has written in a form that this one cannot read.
func (l *Line) checkLayout(ctx context.Context) error {
	written, err := l.rdb.Get(ctx, layoutKey).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read the layout of the lines: %w", err)
	}
	if written > layout {
		return fmt.Errorf("redis holds the lines of a newer release (layout %d, this one knows %d): use that release", written, layout)
	}
	return nil
}

var majorVersion = regexp.MustCompile(`(?m)^redis_version:(\d+)\.`)

// checkRedis refuses a Redis that is too old, one that could drop keys, and one that may forget what it acknowledged when it is killed.
func (l *Line) checkRedis(ctx context.Context) error {
	told, err := l.rdb.Info(ctx, "server").Result()
	if err != nil {
		return fmt.Errorf("read Redis' version: %w", err)
	}
	if m := majorVersion.FindStringSubmatch(told); m == nil || len(m[1]) < 2 && m[1] < "7" {
		return errors.New("the line needs Redis 7 or newer")
	}
	wanted := map[string]string{"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always"}
	for name, value := range wanted {
		got, err := l.rdb.ConfigGet(ctx, name).Result()
		if err != nil {
			return fmt.Errorf("read Redis setting %s: %w", name, err)
		}
		if got[name] != value {
			return fmt.Errorf("redis has %s %s; the line needs %s", name, got[name], value)
		}
	}
	return nil
}
