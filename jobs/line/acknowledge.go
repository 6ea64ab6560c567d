package line

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"guiche/jobs"
)

// Fates are tasks by what became of them, apart from the one that asynq handed over.
type Fates struct {
	Done   []string
	Poison []string // can never be done: set aside, where admins see them
	Later  []string // of a newer release: kept, and claimed again after LaterTime
}

// LaterTime is how long a task of a newer release rests before it is looked at again. A new leader looks at once.
const LaterTime = 30 * time.Second

// acknowledge ends claimed tasks, all but the one that asynq handed over. With the last call that one gets the lease without
// which asynq would not end it.
//
// KEYS[1] the epoch, KEYS[2] active, KEYS[3] lease, KEYS[4] archived, KEYS[5] retry, KEYS[6] the last claim
// ARGV[1] our epoch, ARGV[2] prefix of task keys, ARGV[3] id of the task in hand, ARGV[4] end of its lease in s or 0,
// ARGV[5] now in s, ARGV[6] when what is kept for later is due, ARGV[7] how many of the ids that follow are done,
// ARGV[8] how many after them are poison, the others are kept for later, ARGV[9] field that counts what is in hand; then the ids
// Returns 1, or 0 if the task in hand is not ours.
var acknowledge = redis.NewScript(servesLua + inBulkLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return 0 end
if not redis.call('LPOS', KEYS[2], ARGV[3], 'RANK', -1) then return 0 end
local first = 10
local n, done = #ARGV - first + 1, {}
local before = redis.call('LLEN', KEYS[2])
-- The oldest stand at the end, before the one in hand. Those are what is usually acknowledged.
local oldest = redis.call('LRANGE', KEYS[2], -n - 1, -1)
local together = oldest[n + 1] == ARGV[3]
for i = 1, n do together = together and oldest[n + 1 - i] == ARGV[first - 1 + i] end
if together then
	redis.call('LTRIM', KEYS[2], 0, -n - 2)
	redis.call('RPUSH', KEYS[2], ARGV[3])
else
	for i = first, #ARGV do redis.call('LREM', KEYS[2], -1, ARGV[i]) end
end
for i = first, #ARGV do
	local task = ARGV[2] .. ARGV[i]
	if i - first < tonumber(ARGV[7]) then
		done[#done + 1] = task
	elseif i - first < ARGV[7] + ARGV[8] then
		redis.call('HSET', task, 'state', 'archived')
		redis.call('ZADD', KEYS[4], ARGV[5], ARGV[i])
	else
		redis.call('HSET', task, 'state', 'retry')
		redis.call('ZADD', KEYS[5], ARGV[6], ARGV[i])
	end
end
inBulk('UNLINK', {}, done, 1)
redis.call('HINCRBY', KEYS[6], ARGV[9], redis.call('LLEN', KEYS[2]) - before)
if tonumber(ARGV[4]) > 0 then redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3]) end
return 1`)

// leaseTime is how long asynq gives a task that it handed over.
const leaseTime = 30 * time.Second

// Acknowledge ends claimed tasks of a queue, but for the one that asynq handed over; last says that nothing but that one
// is left in hand. ErrNotOurs.
func (l *Line) Acknowledge(ctx context.Context, epoch int64, queue, id string, f Fates, last bool) error {
	now := time.Now()
	var lease int64
	if last {
		lease = now.Add(leaseTime).Unix()
	}
	args := []any{epoch, jobs.TaskKey(queue, ""), id, lease, now.Unix(), now.Add(LaterTime).Unix(), len(f.Done), len(f.Poison), inHandField(queue)}
	for _, ids := range [][]string{f.Done, f.Poison, f.Later} {
		for _, other := range ids {
			args = append(args, other)
		}
	}
	keys := []string{epochKey, jobs.ListKey(queue, "active"), jobs.ListKey(queue, "lease"), jobs.ListKey(queue, "archived"), jobs.ListKey(queue, "retry"), lastClaimKey}
	ours, err := acknowledge.Run(ctx, l.rdb, keys, args...).Bool()
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	if !ours {
		return ErrNotOurs
	}
	return nil
}
