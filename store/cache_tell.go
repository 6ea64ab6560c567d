package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Passed is how far lines have moved: by event, the orders whose turn came.
type Passed map[int64]*passed

type passed struct {
	head int64           // highest number
	upTo map[int64]int64 // tickets asked for up to and with the last one, by type
}

// Knows says that an order of the event has passed.
func (p Passed) Knows(eventID int64) bool { return p[eventID] != nil }

// Add notes that an order's turn came; before is how many tickets of its type had been asked for when it joined.
func (p Passed) Add(o QueuedOrder, before int64) {
	if p[o.EventID] == nil {
		p[o.EventID] = &passed{upTo: map[int64]int64{}}
	}
	its := p[o.EventID]
	its.head = max(its.head, o.Number)
	its.upTo[o.TicketTypeID] = max(its.upTo[o.TicketTypeID], before+int64(o.Quantity))
}

// tell brings one event up to date: its counts unless a newer transaction wrote them, the head of its line forward
// only, and the places of accounts whose orders are not open any more.
//
// KEYS[1] the event's hash, KEYS[2] its leavers, KEYS[3] its open orders by account
// ARGV[1] epoch, ARGV[2] batch, ARGV[3] head or 0, ARGV[4] how many fields of counts follow, ARGV[5] how many fields of
// passed tickets; then these as field, value, …, then account, order id, … of closed orders
var tell = redis.NewScript(`
local i, counts, passed = 6, tonumber(ARGV[4]), tonumber(ARGV[5])
if counts > 0 then
	local epoch, batch = tonumber(ARGV[1]), tonumber(ARGV[2])
	local e, b = tonumber(redis.call('HGET', KEYS[1], 'epoch') or -1), tonumber(redis.call('HGET', KEYS[1], 'batch') or -1)
	if e < epoch or (e == epoch and b <= batch) then
		redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'batch', ARGV[2])
		for j = 0, counts - 1 do redis.call('HSET', KEYS[1], ARGV[i + 2 * j], ARGV[i + 2 * j + 1]) end
	end
end
i = i + 2 * counts
if tonumber(redis.call('HGET', KEYS[1], 'head') or 0) < tonumber(ARGV[3]) then
	redis.call('HSET', KEYS[1], 'head', ARGV[3])
	redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
end
for j = 0, passed - 1 do
	local field, upTo = ARGV[i + 2 * j], ARGV[i + 2 * j + 1]
	if tonumber(redis.call('HGET', KEYS[1], field) or 0) < tonumber(upTo) then redis.call('HSET', KEYS[1], field, upTo) end
end
i = i + 2 * passed
while i < #ARGV do
	if redis.call('HGET', KEYS[3], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[3], ARGV[i]) end
	i = i + 2
end
return 1`)

// Tell writes what a transaction changed, one script per event.
func (c *Cache) Tell(ctx context.Context, out Outcome, p Passed) error {
	for id := range touched(out, p) {
		fields, closed := []any{}, []any{}
		counts := 0
		for _, n := range out.Counts {
			if n.EventID != id {
				continue
			}
			last, err := json.Marshal(n.Last)
			if err != nil {
				return err
			}
			fields = append(fields, "issued", n.Issued, "last", last)
			for typeID, free := range n.Free {
				fields = append(fields, fmt.Sprintf("free:%d", typeID), free)
			}
			counts = len(fields) / 2
		}
		var head int64
		if its := p[id]; its != nil {
			head = its.head
			for typeID, upTo := range its.upTo {
				fields = append(fields, fmt.Sprintf("passed:%d", typeID), upTo)
			}
		}
		for _, o := range out.Orders {
			if o.EventID == id && !o.Status.Open() {
				closed = append(closed, o.AccountID, o.ID.String())
			}
		}
		args := append([]any{out.Epoch, out.Batch, head, counts, len(fields)/2 - counts}, append(fields, closed...)...)
		if err := tell.Run(ctx, c.rdb, []string{eventKey(id), leftKey(id), openKey(id)}, args...).Err(); err != nil {
			return fmt.Errorf("tell of event %d: %w", id, err)
		}
	}
	return nil
}

// touched are the events that an outcome or a move of a line is about.
func touched(out Outcome, p Passed) map[int64]bool {
	ids := map[int64]bool{}
	for _, c := range out.Counts {
		ids[c.EventID] = true
	}
	for _, o := range out.Orders {
		ids[o.EventID] = true
	}
	for id := range p {
		ids[id] = true
	}
	return ids
}

// AddLeavers records that orders left the line before their turn.
func (c *Cache) AddLeavers(ctx context.Context, orders []QueuedOrder) error {
	pipe := c.rdb.Pipeline()
	for _, o := range orders {
		pipe.ZAdd(ctx, leftKey(o.EventID), redis.Z{
			Score:  float64(o.Number),
			Member: fmt.Sprintf("%d:%d:%d", o.Number, o.TicketTypeID, o.Quantity),
		})
	}
	_, err := pipe.Exec(ctx)
	return err
}

// Announce wakes the web processes: one message for each event that changed.
func (c *Cache) Announce(ctx context.Context, out Outcome, p Passed) error {
	for id := range touched(out, p) {
		n := News{EventID: id, Orders: []uuid.UUID{}}
		for _, o := range out.Orders {
			if o.EventID == id {
				n.Orders = append(n.Orders, o.ID)
			}
		}
		if err := c.Publish(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
