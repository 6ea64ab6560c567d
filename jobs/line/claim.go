package line

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"guiche/jobs"
)

// Task is one task that the generator has claimed. One that cannot be read has no kind.
type Task struct {
	ID      string
	Kind    string
	Version int // of the payload
	Payload []byte
}

// servesLua begins the scripts by which orders are served: they free memory in the end, and go on in a Redis that has none.
const servesLua = "#!lua flags=allow-oom\n"

// inBulkLua gives a command as many arguments at once as fit: less work for Redis, and less in its log, than one by one.
const inBulkLua = `
local function inBulk(command, first, all, from)
	for i = from, #all, 1000 do
		local args = {unpack(first)}
		for j = i, math.min(i + 999, #all) do args[#args + 1] = all[j] end
		redis.call(command, unpack(args))
	end
end
`

// claim takes the task that asynq delivered and those waiting behind it: orphans of a lost reply or a stopped process
// first, then from the head of the line. Claimed tasks carry no lease, so that asynq's recoverer never moves them. Orphans
// of the other queue go back to its head.
//
// KEYS[1] the epoch, KEYS[2..5] active, pending, retry and lease of the queue, KEYS[6..9] of the other, KEYS[10] the last claim
// ARGV[1] our epoch, ARGV[2] now in ns, ARGV[3] prefix of task keys, ARGV[4] of the other queue,
// ARGV[5] id of the task in hand, ARGV[6] how many to have in hand at most, ARGV[7] now in s, ARGV[8] field that counts
// what is in hand
// Returns {id, message, id, message, …}, oldest first, or nothing if the task in hand is not ours.
var claim = redis.NewScript(restoreLua + inBulkLua + `
if tonumber(redis.call('GET', KEYS[1]) or 0) > tonumber(ARGV[1]) then return {} end
if not redis.call('LPOS', KEYS[2], ARGV[5]) then return {} end
restore(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[4], ARGV[2], ARGV[7])
local ids = {}
if redis.call('LLEN', KEYS[2]) > 1 or redis.call('ZCOUNT', KEYS[4], '-inf', ARGV[7]) > 0 then
	local inHand = redis.call('LRANGE', KEYS[2], 0, -1)
	for i = #inHand, 1, -1 do
		if inHand[i] ~= ARGV[5] then ids[#ids + 1] = inHand[i] end
	end
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[7])) do
		ids[#ids + 1] = id
		redis.call('LPUSH', KEYS[2], id)
	end
	redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[7])
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
redis.call('HSET', KEYS[10], ARGV[8], #ids)
local reply = {}
for _, id in ipairs(ids) do
	reply[#reply + 1] = id
	reply[#reply + 1] = redis.call('HGET', ARGV[3] .. id, 'msg') or ''
end
return reply`)

// Claim takes up to most tasks of a queue, the one that asynq delivered among them.
func (l *Line) Claim(ctx context.Context, epoch int64, queue, id string, most int) ([]Task, error) {
	other := jobs.QueueReleases
	if queue == jobs.QueueReleases {
		other = jobs.QueuePurchases
	}
	keys := append(append(append([]string{epochKey}, queueKeys(queue)...), queueKeys(other)...), lastClaimKey)
	now := time.Now()
	reply, err := claim.Run(ctx, l.rdb, keys, epoch, now.UnixNano(),
		jobs.TaskKey(queue, ""), jobs.TaskKey(other, ""), id, most, now.Unix(), inHandField(queue)).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	if len(reply) == 0 {
		return nil, ErrNotOurs
	}
	return readTasks(reply), nil
}

// claimNext takes more from the head of the line while earlier claims are still unacknowledged, unless a release waits.
// The reply may be lost after the tasks were taken. Asking again by the same name gives the same tasks, which stand at the
// head of the active list; otherwise they would be found only after those behind them.
//
// A leader of before that wakes from a long sleep may have asynq hand it the head of the line, which no epoch keeps it
// from. What stands in the active list beyond what we have in hand is such a task: it goes first, since it stood before
// all that is still in line.
//
// KEYS[1] the epoch, KEYS[2] active, KEYS[3] pending, KEYS[4] pending of the releases, KEYS[5] the last claim, KEYS[6] lease
// ARGV[1] our epoch, ARGV[2] prefix of task keys, ARGV[3] id of the task in hand, ARGV[4] how many at most,
// ARGV[5] name of the claim, ARGV[6] field that counts what is in hand
// Returns {'1', id, message, id, message, …}, oldest first, or nothing if the task in hand is not ours.
var claimNext = redis.NewScript(servesLua + inBulkLua + `
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
	local strange = redis.call('LLEN', KEYS[2]) - tonumber(redis.call('HGET', KEYS[5], ARGV[6]) or 0)
	if strange > 0 then
		for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, strange - 1)) do
			waiting[#waiting + 1] = id
			redis.call('ZREM', KEYS[6], id)
		end
	end
	inBulk('LPUSH', {KEYS[2]}, oldest, 1)
	redis.call('HSET', KEYS[5], 'name', ARGV[5], 'tasks', #waiting)
	redis.call('HINCRBY', KEYS[5], ARGV[6], #waiting)
end
local reply = {'1'}
for i = #waiting, 1, -1 do
	reply[#reply + 1] = waiting[i]
	reply[#reply + 1] = redis.call('HGET', ARGV[2] .. waiting[i], 'msg') or ''
end
return reply`)

// ClaimNext takes up to most further tasks of the line; none if it is empty or a release waits. No other claim may ever have
// the same name.
func (l *Line) ClaimNext(ctx context.Context, epoch int64, queue, id string, most int, name string) ([]Task, error) {
	keys := []string{
		epochKey, jobs.ListKey(queue, "active"), jobs.ListKey(queue, "pending"), jobs.ListKey(jobs.QueueReleases, "pending"), lastClaimKey,
		jobs.ListKey(queue, "lease"),
	}
	reply, err := claimNext.Run(ctx, l.rdb, keys, epoch, jobs.TaskKey(queue, ""), id, most, name, inHandField(queue)).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("claim more: %w", err)
	}
	if len(reply) == 0 {
		return nil, ErrNotOurs
	}
	return readTasks(reply[1:]), nil
}

// inHandField is where the last claim keeps how many tasks of a queue are in hand.
func inHandField(queue string) string { return "hand:" + queue }

// readTasks reads {id, message, id, message, …}.
func readTasks(reply []string) []Task {
	tasks := make([]Task, 0, len(reply)/2)
	for i := 0; i+1 < len(reply); i += 2 {
		t, _ := readMessage([]byte(reply[i+1])) // what cannot be read has no kind
		t.ID = reply[i]
		tasks = append(tasks, t)
	}
	return tasks
}
