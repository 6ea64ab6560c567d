package jobs

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// reclaim puts what a generator that died had in hand back to the head of the line.
//
// KEYS[1] the active list (newest first), KEYS[2] the pending list (head at its right end), KEYS[3] the leases
// ARGV[1] prefix of task keys
var reclaim = redis.NewScript(`
local n = 0
while true do
	local id = redis.call('LPOP', KEYS[1])
	if not id then return n end
	redis.call('RPUSH', KEYS[2], id)
	redis.call('HSET', ARGV[1] .. id, 'state', 'pending')
	redis.call('ZREM', KEYS[3], id)
	n = n + 1
end`)

// reclaim runs before the generator serves: asynq's own recovery would send these orders to the back of the line.
func (l *Line) reclaim(ctx context.Context, queue string) error {
	keys := []string{listKey(queue, "active"), listKey(queue, "pending"), listKey(queue, "lease")}
	if err := reclaim.Run(ctx, l.rdb, keys, taskKey(queue, "")).Err(); err != nil {
		return fmt.Errorf("reclaim %s: %w", queue, err)
	}
	return nil
}
