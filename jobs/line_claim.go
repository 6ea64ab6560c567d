package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// epochKey holds the epoch of the newest leader; the scripts of an older one do nothing.
const epochKey = "guiche:epoch"

// errNotOurs says that the task in hand is not in asynq's list any more, or that a newer generator leads:
// this process must not go on.
var errNotOurs = fmt.Errorf("the task in hand is not ours: %w", store.ErrLostLead)

// task is one task that the generator has in hand.
type task struct {
	id      string
	kind    string
	payload []byte
}

// queueKeys are asynq's keys of a queue that the scripts work on.
func queueKeys(queue string) []string {
	return []string{listKey(queue, "active"), listKey(queue, "pending"), listKey(queue, "retry"), listKey(queue, "lease")}
}

// restoreLua puts everything that is in hand back to the head, by number; what has no number keeps its turn.
// A graceful stop has put the oldest one back already, so the head is looked through too. No lease is left.
const restoreLua = `
local function number(prefix, id)
	local message = redis.call('HGET', prefix .. id, 'msg')
	return message and tonumber(string.match(message, '"number":"(%d+)"') or 0) or 0
end
local function restore(active, pending, retry, lease, prefix, now)
	local back, turn, n, last = {}, {}, {}, 0
	local function add(id)
		back[#back + 1], turn[id], n[id] = id, #back, number(prefix, id)
		if n[id] > last then last = n[id] end
	end
	local inHand = redis.call('LRANGE', active, 0, -1)
	for i = #inHand, 1, -1 do add(inHand[i]) end
	for _, id in ipairs(redis.call('ZRANGE', retry, 0, -1)) do add(id) end
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
	redis.call('DEL', active, retry, lease)
	for _, id in ipairs(back) do
		redis.call('RPUSH', pending, id)
		redis.call('HSET', prefix .. id, 'state', 'pending', 'pending_since', now)
	end
	return orphans
end
`

// inBulkLua gives a command as many arguments at once as fit, which is less to do and to log than one by one.
const inBulkLua = `
local function inBulk(command, first, all, from)
	for i = from, #all, 1000 do
		local args = {unpack(first)}
		for j = i, math.min(i + 999, #all) do args[#args + 1] = all[j] end
		redis.call(command, unpack(args))
	end
end
`

// takeOver makes an epoch the newest and puts back what the last leader had in hand, in both queues.
//
// KEYS[1] the epoch, KEYS[2..5] active, pending, retry and lease of a queue, KEYS[6..9] of the other, KEYS[10] is there
// since the lines were rebuilt
// ARGV[1] our epoch, ARGV[2] now in ns, ARGV[3] prefix of task keys of the first queue, ARGV[4] of the other
// Returns how many were put back, -1 if a newer generator leads, or -2 if nobody has told this Redis where the lines
// stand: it was emptied since we looked, and with an epoch fans could join and get numbers that were given before.
var takeOver = redis.NewScript(restoreLua + `
if redis.call('EXISTS', KEYS[1], KEYS[10]) == 0 then return -2 end
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return -1 end
redis.call('SET', KEYS[1], ARGV[1])
return restore(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[3], ARGV[2])
	+ restore(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[4], ARGV[2])`)

// Ready says whether a leader has told this Redis where the lines stand. One that was emptied does not know.
func (l *Line) Ready(ctx context.Context) (bool, error) {
	n, err := l.rdb.Exists(ctx, epochKey).Result()
	if err != nil {
		return false, fmt.Errorf("does redis know the lines: %w", err)
	}
	return n > 0, nil
}

// takeOver runs before asynq serves: its own recovery would send these tasks to the back of the line.
func (l *Line) takeOver(ctx context.Context, epoch int64) (restored int, err error) {
	keys := append(append([]string{epochKey}, queueKeys(queueReleases)...), queueKeys(queuePurchases)...)
	keys = append(keys, store.RebuiltKey)
	restored, err = takeOver.Run(ctx, l.rdb, keys, epoch, time.Now().UnixNano(),
		taskKey(queueReleases, ""), taskKey(queuePurchases, "")).Int()
	switch {
	case err != nil:
		return 0, err
	case restored == -2:
		return 0, errEmptied
	case restored < 0:
		return 0, errNotOurs
	}
	return restored, nil
}

// claim takes what waits behind the task in hand as well: orphans of a lost reply or a stopped process first, then
// from the head of the line. Claimed tasks carry no lease, so that asynq's recoverer never moves them. What lies
// orphaned in the other queue goes back to its head.
//
// KEYS[1] the epoch, KEYS[2..5] active, pending, retry and lease of the queue, KEYS[6..9] of the other
// ARGV[1] our epoch, ARGV[2] now in ns, ARGV[3] prefix of task keys, ARGV[4] of the other queue,
// ARGV[5] id of the task in hand, ARGV[6] how many to have in hand at most
// Returns {id, message, id, message, …}, oldest first, or nothing if the task in hand is not ours.
var claim = redis.NewScript(restoreLua + inBulkLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return {} end
if not redis.call('LPOS', KEYS[2], ARGV[5]) then return {} end
restore(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[4], ARGV[2])
local ids = {}
if redis.call('LLEN', KEYS[2]) > 1 or redis.call('ZCARD', KEYS[4]) > 0 then
	local inHand = redis.call('LRANGE', KEYS[2], 0, -1)
	for i = #inHand, 1, -1 do
		if inHand[i] ~= ARGV[5] then ids[#ids + 1] = inHand[i] end
	end
	for _, id in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
		ids[#ids + 1] = id
		redis.call('LPUSH', KEYS[2], id)
	end
	redis.call('DEL', KEYS[4])
end
ids[#ids + 1] = ARGV[5]
local room = tonumber(ARGV[6]) - #ids
if room > 0 then
	local waiting = redis.call('LRANGE', KEYS[3], -room, -1)
	if #waiting > 0 then
		redis.call('LTRIM', KEYS[3], 0, -(#waiting + 1))
		for i = #waiting, 1, -1 do ids[#ids + 1] = waiting[i] end
		inBulk('LPUSH', {KEYS[2]}, ids, #ids - #waiting + 1)
	end
end
redis.call('DEL', KEYS[5])
local reply = {}
for _, id in ipairs(ids) do
	reply[#reply + 1] = id
	reply[#reply + 1] = redis.call('HGET', ARGV[3] .. id, 'msg') or ''
end
return reply`)

// claim has up to most tasks of a queue in hand, the one that asynq handed over among them.
func (l *Line) claim(ctx context.Context, epoch int64, queue, id string, most int) ([]task, error) {
	other := queueReleases
	if queue == queueReleases {
		other = queuePurchases
	}
	keys := append(append([]string{epochKey}, queueKeys(queue)...), queueKeys(other)...)
	reply, err := claim.Run(ctx, l.rdb, keys, epoch, time.Now().UnixNano(),
		taskKey(queue, ""), taskKey(other, ""), id, most).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	if len(reply) == 0 {
		return nil, errNotOurs
	}
	return readTasks(reply), nil
}

// lastClaimKey remembers the last claim of more, so that it can be repeated.
const lastClaimKey = "guiche:claim"

// claimNext takes more from the head of the line while earlier claims are still in hand, unless a release waits.
// The reply may be lost although the tasks were taken: who asks for the same claim again gets the same tasks, which
// stand at the head of the list of active ones. Else they would be found only after those behind them.
//
// KEYS[1] the epoch, KEYS[2] active, KEYS[3] pending, KEYS[4] pending of the releases, KEYS[5] the last claim
// ARGV[1] our epoch, ARGV[2] prefix of task keys, ARGV[3] id of the task in hand, ARGV[4] how many at most,
// ARGV[5] name of the claim
// Returns {'1', id, message, id, message, …}, oldest first, or nothing if the task in hand is not ours.
var claimNext = redis.NewScript(inBulkLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return {} end
if not redis.call('LPOS', KEYS[2], ARGV[3], 'RANK', -1) then return {} end
local waiting = {}
if redis.call('HGET', KEYS[5], 'name') == ARGV[5] then
	local taken = tonumber(redis.call('HGET', KEYS[5], 'tasks'))
	if taken > 0 then waiting = redis.call('LRANGE', KEYS[2], 0, taken - 1) end
else
	if redis.call('LLEN', KEYS[4]) == 0 then waiting = redis.call('LRANGE', KEYS[3], -ARGV[4], -1) end
	if #waiting > 0 then redis.call('LTRIM', KEYS[3], 0, -(#waiting + 1)) end
	local oldest = {}
	for i = #waiting, 1, -1 do oldest[#oldest + 1] = waiting[i] end
	inBulk('LPUSH', {KEYS[2]}, oldest, 1)
	redis.call('HSET', KEYS[5], 'name', ARGV[5], 'tasks', #waiting)
end
local reply = {'1'}
for i = #waiting, 1, -1 do
	reply[#reply + 1] = waiting[i]
	reply[#reply + 1] = redis.call('HGET', ARGV[2] .. waiting[i], 'msg') or ''
end
return reply`)

// claimNext has up to most more tasks of the line in hand; none if it is empty or a release waits. The name must not be
// that of another claim, ever.
func (l *Line) claimNext(ctx context.Context, epoch int64, queue, id string, most int, name string) ([]task, error) {
	keys := []string{epochKey, listKey(queue, "active"), listKey(queue, "pending"), listKey(queueReleases, "pending"), lastClaimKey}
	reply, err := claimNext.Run(ctx, l.rdb, keys, epoch, taskKey(queue, ""), id, most, name).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("claim more: %w", err)
	}
	if len(reply) == 0 {
		return nil, errNotOurs
	}
	return readTasks(reply[1:]), nil
}

// readTasks reads {id, message, id, message, …}. A task that cannot be read has no kind.
func readTasks(reply []string) []task {
	tasks := make([]task, 0, len(reply)/2)
	for i := 0; i+1 < len(reply); i += 2 {
		kind, payload, _ := readMessage([]byte(reply[i+1])) // without a kind it is poison
		tasks = append(tasks, task{id: reply[i], kind: kind, payload: payload})
	}
	return tasks
}

// acknowledge ends claimed tasks, but not the one that asynq handed over; at last it gives that one the lease that asynq
// needs to end it. Poison is set aside, where admins see it.
//
// KEYS[1] the epoch, KEYS[2] active, KEYS[3] lease, KEYS[4] archived
// ARGV[1] our epoch, ARGV[2] prefix of task keys, ARGV[3] id of the task in hand, ARGV[4] end of its lease in s or 0,
// ARGV[5] now in s, ARGV[6] how many of the ids that follow are done; the others are poison
// Returns 1, or 0 if the task in hand is not ours.
var acknowledge = redis.NewScript(inBulkLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return 0 end
if not redis.call('LPOS', KEYS[2], ARGV[3], 'RANK', -1) then return 0 end
local n, done = #ARGV - 6, {}
-- The oldest stand at the end, before the one in hand. Those are what is usually acknowledged.
local oldest = redis.call('LRANGE', KEYS[2], -n - 1, -1)
local together = oldest[n + 1] == ARGV[3]
for i = 1, n do together = together and oldest[n + 1 - i] == ARGV[6 + i] end
if together then
	redis.call('LTRIM', KEYS[2], 0, -n - 2)
	redis.call('RPUSH', KEYS[2], ARGV[3])
else
	for i = 7, #ARGV do redis.call('LREM', KEYS[2], -1, ARGV[i]) end
end
for i = 7, #ARGV do
	if i - 6 <= tonumber(ARGV[6]) then
		done[#done + 1] = ARGV[2] .. ARGV[i]
	else
		redis.call('HSET', ARGV[2] .. ARGV[i], 'state', 'archived')
		redis.call('ZADD', KEYS[4], ARGV[5], ARGV[i])
	end
end
inBulk('UNLINK', {}, done, 1)
if tonumber(ARGV[4]) > 0 then redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3]) end
return 1`)

// leaseTime is how long asynq gives a task that it handed over.
const leaseTime = 30 * time.Second

// acknowledge ends what is done and sets poison aside; last says that nothing but the task in hand is left.
func (l *Line) acknowledge(ctx context.Context, epoch int64, queue, id string, done, poison []string, last bool) error {
	now := time.Now()
	var lease int64
	if last {
		lease = now.Add(leaseTime).Unix()
	}
	args := []any{epoch, taskKey(queue, ""), id, lease, now.Unix(), len(done)}
	for _, ids := range [][]string{done, poison} {
		for _, other := range ids {
			args = append(args, other)
		}
	}
	keys := []string{epochKey, listKey(queue, "active"), listKey(queue, "lease"), listKey(queue, "archived")}
	ours, err := acknowledge.Run(ctx, l.rdb, keys, args...).Bool()
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	if !ours {
		return errNotOurs
	}
	return nil
}

// putBack returns what lies in hand of a queue to its head although nobody works on it.
//
// KEYS[1..4] active, pending, retry and lease
// ARGV[1] prefix of task keys, ARGV[2] now in ns
var putBack = redis.NewScript(restoreLua + `return restore(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2])`)

func (l *Line) putBack(ctx context.Context, queue string) error {
	return putBack.Run(ctx, l.rdb, queueKeys(queue), taskKey(queue, ""), time.Now().UnixNano()).Err()
}

// inHand lists the ids that stand in a queue's active list and in its retry list.
func (l *Line) inHand(ctx context.Context, queue string) ([]string, error) {
	pipe := l.rdb.Pipeline()
	active, retry := pipe.LRange(ctx, listKey(queue, "active"), 0, -1), pipe.ZRange(ctx, listKey(queue, "retry"), 0, -1)
	_, err := pipe.Exec(ctx)
	return append(active.Val(), retry.Val()...), err
}

// errUnreadable says that a task's message is not one of asynq's.
var errUnreadable = errors.New("unreadable task message")
