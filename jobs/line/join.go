package line

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/store"
)

// ErrForeign says that the order's id is another account's.
var ErrForeign = errors.New("order id belongs to another account")

// ErrNotReady says that Redis does not know where the lines stand: no generator has led yet, or Redis was emptied and
// the next leader is about to rebuild it.
var ErrNotReady = errors.New("the lines are not ready")

// ErrNotOnSale says that the sale has not begun, or is over, by Redis' clock.
var ErrNotOnSale = errors.New("not on sale at this moment")

// ErrFull says that Redis is so full that the orders that are in line may soon not be served: nobody joins until some are.
var ErrFull = errors.New("the lines are full")

// Joined is the result of joining the line.
type Joined struct {
	OrderID uuid.UUID // the posted order, or the open one that the account had before
	Fresh   bool      // the posted order joined the line now
}

// fillMost is the share of Redis' memory that orders may fill. What serves them needs some to begin with.
const fillMost = 0.85

// markTTL is how long a form that is sent again still finds the order that it made.
const markTTL = 7 * 24 * time.Hour

// join does all of joining or nothing, so that number and place can never differ.
//
// KEYS[1] the event's hash, KEYS[2] its open orders by account, KEYS[3] the order's mark,
// KEYS[4] the task, KEYS[5] the pending list, KEYS[6] asynq's set of queues, KEYS[7] the epoch, KEYS[8] is there while
// Redis is full, KEYS[9] while it was so lately
// ARGV[1] order id, ARGV[2] account, ARGV[3] quantity, ARGV[4] field that counts tickets asked for of the type,
// ARGV[5..7] task message before, between and after its two slots, ARGV[8] now in ns, ARGV[9] seconds to keep the
// mark, ARGV[10] queue, ARGV[11] share of the memory that orders may fill, ARGV[12] and ARGV[13] begin and
// end of the sale in ms, or 0
// Returns {order id, 1 if it joined now}; an empty id if the mark is another account's, or with -1 if no leader has
// told this Redis yet where the lines stand, or with -2 if Redis is full, or with -3 if nothing is sold now: the clocks of
// web processes differ by more than the fans who come in the first second. How full it is is looked at now and then, and
// each time once it was found so.
var join = redis.NewScript(`
local function full()
	local memory = redis.call('INFO', 'memory')
	local most = tonumber(string.match(memory, '\nmaxmemory:(%d+)') or 0)
	return most > 0 and tonumber(string.match(memory, '\nused_memory:(%d+)')) > most * tonumber(ARGV[11])
end
if redis.call('EXISTS', KEYS[7]) == 0 then return {'', -1} end
local mark = redis.call('GET', KEYS[3])
if mark and mark ~= ARGV[2] then return {'', 0} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local opens, ends = tonumber(ARGV[12]), tonumber(ARGV[13])
local closed = opens > now or ends > 0 and ends <= now
local open = redis.call('HGET', KEYS[2], ARGV[2])
if open and (open == ARGV[1] or not closed) then return {open, 0} end
if mark or redis.call('EXISTS', KEYS[4]) == 1 then return {ARGV[1], 0} end
if closed then return {'', -3} end
if redis.call('EXISTS', KEYS[8]) == 1 then return {'', -2} end
local after = tonumber(redis.call('HGET', KEYS[1], 'joined') or 0)
if (after % 64 == 0 or redis.call('EXISTS', KEYS[9]) == 1) and full() then
	redis.call('SET', KEYS[8], 1, 'PX', 500)
	redis.call('SET', KEYS[9], 1, 'EX', 60)
	return {'', -2}
end
local number = redis.call('HINCRBY', KEYS[1], 'joined', 1)
local before = redis.call('HINCRBY', KEYS[1], ARGV[4], ARGV[3]) - ARGV[3]
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[9])
redis.call('SADD', KEYS[6], ARGV[10])
redis.call('HSET', KEYS[4], 'state', 'pending', 'pending_since', ARGV[8],
	'msg', ARGV[5] .. string.format('%020.0f', number) .. ARGV[6] .. string.format('%020.0f', before) .. ARGV[7])
redis.call('LPUSH', KEYS[5], ARGV[1])
return {ARGV[1], 1}`)

// JoinSale is Join while the event is on sale, by the one clock that all web processes share. ErrNotOnSale.
func (l *Line) JoinSale(ctx context.Context, o store.QueuedOrder, e store.Event) (Joined, error) {
	return l.join(ctx, o, e.SaleStartsAt.UnixMilli(), e.SaleEndsAt.UnixMilli())
}

// Join puts an order at the end of its event's line and gives it its number, once per order id.
// An account that has an open order for the event gets that one instead. ErrForeign, ErrNotReady, ErrFull.
func (l *Line) Join(ctx context.Context, o store.QueuedOrder) (Joined, error) {
	return l.join(ctx, o, 0, 0)
}

func (l *Line) join(ctx context.Context, o store.QueuedOrder, opens, ends int64) (Joined, error) {
	head, middle, tail, err := splitMessage(o)
	if err != nil {
		return Joined{}, err
	}
	id := o.ID.String()
	keys := []string{
		eventKey(o.EventID), openKey(o.EventID), markKey(o.ID),
		jobs.TaskKey(jobs.QueuePurchases, id), jobs.ListKey(jobs.QueuePurchases, "pending"), queuesKey, epochKey,
		fullKey, fullLatelyKey,
	}
	reply, err := join.Run(ctx, l.rdb, keys, id, o.AccountID, o.Quantity, fmt.Sprintf("asked:%d", o.TicketTypeID),
		head, middle, tail, time.Now().UnixNano(), int(markTTL.Seconds()), jobs.QueuePurchases, fillMost, opens, ends).Slice()
	if redis.HasErrorPrefix(err, "OOM") {
		return Joined{}, ErrFull
	}
	if err != nil {
		return Joined{}, fmt.Errorf("join the line: %w", err)
	}
	found, _ := reply[0].(string)
	fresh, _ := reply[1].(int64)
	switch {
	case fresh == -1:
		return Joined{}, ErrNotReady
	case fresh == -2:
		return Joined{}, ErrFull
	case fresh < 0:
		return Joined{}, ErrNotOnSale
	case found == "":
		return Joined{}, ErrForeign
	}
	orderID, err := uuid.Parse(found)
	return Joined{OrderID: orderID, Fresh: fresh == 1}, err
}

// splitMessage encodes an order's task and cuts it at the slots for its number and for the tickets before it.
func splitMessage(o store.QueuedOrder) (head, middle, tail []byte, err error) {
	payload, err := json.Marshal(jobs.Purchase{Order: o})
	if err != nil {
		return nil, nil, nil, err
	}
	message := taskMessage(jobs.KindPurchase, o.ID.String(), jobs.QueuePurchases, payload)
	empty := bytes.Repeat([]byte("0"), jobs.SlotWidth)
	head, rest, found := bytes.Cut(message, empty)
	middle, tail, again := bytes.Cut(rest, empty)
	if !found || !again {
		return nil, nil, nil, errors.New("purchase without slots")
	}
	return head, middle, tail, nil
}
