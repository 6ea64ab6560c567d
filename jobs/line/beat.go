package line

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// silentTime is how long the leader may give no sign of life before people are told that nobody decides.
const silentTime = 8 * time.Second

// Beat is when those who work behind the scenes were last heard, by Redis' clock.
type Beat struct {
	Epoch  int64         // of the newest leader; 0 if none has led yet
	Leader time.Duration // since its last sign of life; negative if it gives none
	Sweep  time.Duration // since a worker last swept everything; negative if none has
}

// Silent says that no generator has been heard for a while. One of the release before this one cannot be heard.
func (b Beat) Silent() bool { return b.Leader > silentTime }

// Beat reads the signs of life.
func (l *Line) Beat(ctx context.Context) (Beat, error) {
	pipe := l.rdb.Pipeline()
	beat := askBeat(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return Beat{}, fmt.Errorf("signs of life: %w", err)
	}
	return beat(), nil
}

// askBeat adds the question to a pipeline; the answer can be read once the pipeline was sent.
func askBeat(ctx context.Context, pipe redis.Pipeliner) func() Beat {
	epoch, beat := pipe.Get(ctx, epochKey), pipe.HGetAll(ctx, beatKey)
	swept, clock := pipe.Get(ctx, sweptKey), pipe.Time(ctx)
	return func() Beat {
		b := Beat{Leader: -1, Sweep: -1}
		now := clock.Val().UnixMilli()
		since := func(text string) time.Duration {
			at, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return -1
			}
			return time.Duration(max(now-at, 0)) * time.Millisecond
		}
		b.Epoch, _ = strconv.ParseInt(epoch.Val(), 10, 64)
		if b.Epoch > 0 && beat.Val()["epoch"] == epoch.Val() {
			b.Leader = since(beat.Val()["at"])
		}
		b.Sweep = since(swept.Val())
		return b
	}
}

// leads notes that the leader lives, unless a newer one leads.
//
// KEYS[1] the epoch, KEYS[2] the leader's sign of life
// ARGV[1] our epoch
var leads = redis.NewScript(servesLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) ~= tonumber(ARGV[1]) then return 0 end
local now = redis.call('TIME')
redis.call('HSET', KEYS[2], 'epoch', redis.call('GET', KEYS[1]), 'at', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)))
return 1`)

// Leads notes that the leader of an epoch lives.
func (l *Line) Leads(ctx context.Context, epoch int64) error {
	return leads.Run(ctx, l.rdb, []string{epochKey, beatKey}, epoch).Err()
}

// swept notes that a worker has swept everything.
//
// KEYS[1] when that was last
var swept = redis.NewScript(servesLua + `
local now = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)))
return 1`)

// Swept notes that a worker has swept everything.
func (l *Line) Swept(ctx context.Context) error {
	return swept.Run(ctx, l.rdb, []string{sweptKey}).Err()
}

// checkedKey is written for nothing but to see whether Redis takes writes.
const checkedKey = "guiche:checked"

// CheckWritable tells whether Redis answers and takes writes.
func (l *Line) CheckWritable(ctx context.Context) error {
	return l.rdb.Set(ctx, checkedKey, "", time.Minute).Err()
}
