package line

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/store"
)

// ErrNotOurs says that the task in hand has left asynq's list, or that a newer generator leads: this process must not go on.
var ErrNotOurs = fmt.Errorf("the task in hand is not ours: %w", store.ErrLostLead)

// ErrGivenTwice says that Redis has given a number that an order has already; the next leader rebuilds it.
var ErrGivenTwice = fmt.Errorf("a number in line was given twice: %w", store.ErrLostLead)

// ErrEmptied says that Redis has lost what the leader told it; the next leader rebuilds it.
var ErrEmptied = errors.New("redis was emptied")

// restoreLua puts every claimed task back at the head, by number; tasks without a number keep their turn. Tasks of a
// newer release, which asynq calls retries, come back when they are due. A graceful stop has already put the oldest one
// back, so the head of the list is sorted in as well. No lease is left behind.
const restoreLua = servesLua + `
local function number(prefix, id)
	local message = redis.call('HGET', prefix .. id, 'msg')
	return message and tonumber(string.match(message, '"number":"(%d+)"') or 0) or 0
end
local function restore(active, pending, retry, lease, prefix, now, due)
	local back, turn, n, last = {}, {}, {}, 0
	local function add(id)
		back[#back + 1], turn[id], n[id] = id, #back, number(prefix, id)
		if n[id] > last then last = n[id] end
	end
	local inHand = redis.call('LRANGE', active, 0, -1)
	for i = #inHand, 1, -1 do add(inHand[i]) end
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', retry, '-inf', due)) do add(id) end
	if #back == 0 then return 0 end
	local orphans = #back
	while true do
		local id = redis.call('LINDEX', pending, -1)
		local its = id and number(prefix, id) or 0
		if its == 0 or its > last then break end
		redis.call('RPOP', pending)
		if not turn[id] then add(id) end
	end
	table.sort(back, function(a, b)
		if n[a] ~= n[b] then return n[a] > n[b] end
		return turn[a] > turn[b]
	end)
	redis.call('DEL', active, lease)
	redis.call('ZREMRANGEBYSCORE', retry, '-inf', due)
	for _, id in ipairs(back) do
		redis.call('RPUSH', pending, id)
		redis.call('HSET', prefix .. id, 'state', 'pending', 'pending_since', now)
	end
	return orphans
end
`

// takeOver makes an epoch the newest and puts back what the last leader had in hand, in both queues, with what waited for
// a newer release, which this one may be.
//
// KEYS[1] the epoch, KEYS[2..5] active, pending, retry and lease of a queue, KEYS[6..9] of the other, KEYS[10] is there
// since the lines were rebuilt, KEYS[11] version of the layout
// ARGV[1] our epoch, ARGV[2] now in ns, ARGV[3] prefix of task keys of the first queue, ARGV[4] of the other, ARGV[5]
// our version of the layout
// Returns how many were put back, -1 if a newer generator leads, or -2 if nobody has told this Redis where the lines
// stand: it was emptied since we looked, and with an epoch fans could join and get numbers that were given before.
var takeOver = redis.NewScript(restoreLua + `
if redis.call('EXISTS', KEYS[1], KEYS[10]) == 0 then return -2 end
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return -1 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[11], ARGV[5])
return restore(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[3], ARGV[2], '+inf')
	+ restore(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[4], ARGV[2], '+inf')`)

// Ready says whether a leader has told this Redis where the lines stand. One that was emptied does not know.
func (l *Line) Ready(ctx context.Context) (bool, error) {
	n, err := l.rdb.Exists(ctx, epochKey).Result()
	if err != nil {
		return false, fmt.Errorf("does redis know the lines: %w", err)
	}
	return n > 0, nil
}

// TakeOver makes an epoch the newest and puts what the last leader had in hand back to the head of the line. It runs
// before asynq serves: asynq's own recovery would send these tasks to the back. ErrEmptied, ErrNotOurs.
func (l *Line) TakeOver(ctx context.Context, epoch int64) (restored int, err error) {
	keys := append(append([]string{epochKey}, queueKeys(jobs.QueueReleases)...), queueKeys(jobs.QueuePurchases)...)
	keys = append(keys, rebuiltKey, layoutKey)
	restored, err = takeOver.Run(ctx, l.rdb, keys, epoch, time.Now().UnixNano(),
		jobs.TaskKey(jobs.QueueReleases, ""), jobs.TaskKey(jobs.QueuePurchases, ""), layout).Int()
	switch {
	case err != nil:
		return 0, err
	case restored == -2:
		return 0, ErrEmptied
	case restored < 0:
		return 0, ErrNotOurs
	}
	return restored, nil
}

// putBack returns the claimed tasks that nobody is working on to the head of their queue.
//
// KEYS[1..4] active, pending, retry and lease, KEYS[5] the epoch
// ARGV[1] prefix of task keys, ARGV[2] now in ns, ARGV[3] now in s, ARGV[4] our epoch
// Returns how many, or -1 if a newer generator leads.
var putBack = redis.NewScript(restoreLua + `
if tonumber(redis.call('GET', KEYS[5]) or 0) > tonumber(ARGV[4]) then return -1 end
return restore(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2], ARGV[3])`)

// PutBack returns what InHand lists to the head of a queue. ErrNotOurs.
func (l *Line) PutBack(ctx context.Context, epoch int64, queue string) error {
	return l.putBack(ctx, epoch, queue, time.Now().Unix())
}

// putBack does so with what asynq wants to be tried again by a moment.
func (l *Line) putBack(ctx context.Context, epoch int64, queue string, due any) error {
	n, err := putBack.Run(ctx, l.rdb, append(queueKeys(queue), epochKey), jobs.TaskKey(queue, ""), time.Now().UnixNano(), due, epoch).Int()
	if err == nil && n < 0 {
		return ErrNotOurs
	}
	return err
}

// InHand lists the ids that stand in a queue's active list, and those that asynq wants to be tried again by now.
func (l *Line) InHand(ctx context.Context, queue string) ([]string, error) {
	pipe := l.rdb.Pipeline()
	active := pipe.LRange(ctx, jobs.ListKey(queue, "active"), 0, -1)
	retry := pipe.ZRangeByScore(ctx, jobs.ListKey(queue, "retry"), &redis.ZRangeBy{Min: "-inf", Max: fmt.Sprint(time.Now().Unix())})
	_, err := pipe.Exec(ctx)
	return append(active.Val(), retry.Val()...), err
}
