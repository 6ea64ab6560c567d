package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// Passed is how far lines have moved: by event, the orders whose turn came.
type Passed map[int64]*passed

type passed struct {
	head int64           // highest number
	upTo map[int64]int64 // tickets asked for up to and with the last one, by type
}

// Add notes that an order's turn came.
func (p Passed) Add(o store.QueuedOrder) {
	if p[o.EventID] == nil {
		p[o.EventID] = &passed{upTo: map[int64]int64{}}
	}
	its := p[o.EventID]
	its.head = max(its.head, o.Number)
	its.upTo[o.TicketTypeID] = max(its.upTo[o.TicketTypeID], o.Before+int64(o.Quantity))
}

// tell brings one event up to date: it writes the counts unless a newer transaction has, moves the head of the line (never
// back), and frees the places of accounts whose orders are no longer open.
//
// KEYS[1] the event's hash, KEYS[2] its leavers, KEYS[3] its open orders by account, KEYS[4] its return list, KEYS[5] the epoch
// ARGV[1] epoch, ARGV[2] batch, ARGV[3] head or 0, ARGV[4] how many fields of counts follow, ARGV[5] how many fields of
// passed tickets and written orders, ARGV[6] how many closed orders, ARGV[7] how many orders came to the return list; then these as
// field, value, … and account, order id, … and number, member, account, order id, …; then the members that left the return list
var tell = redis.NewScript(servesLua + `
if tonumber(ARGV[1]) > 0 and tonumber(redis.call('GET', KEYS[5]) or 0) > tonumber(ARGV[1]) then return 0 end
local i, counts, passed, closed, came = 8, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
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
for j = 0, closed - 1 do
	local account, order = ARGV[i + 2 * j], ARGV[i + 2 * j + 1]
	if redis.call('HGET', KEYS[3], account) == order then redis.call('HDEL', KEYS[3], account) end
end
i = i + 2 * closed
local function waits(member, sign)
	local kind, quantity = string.match(member, ':(%d+):(%d+)$')
	redis.call('HINCRBY', KEYS[1], 'waiting', sign)
	redis.call('HINCRBY', KEYS[1], 'waits:' .. kind, sign * quantity)
end
for j = 0, came - 1 do
	local number, member = ARGV[i + 4 * j], ARGV[i + 4 * j + 1]
	if redis.call('ZADD', KEYS[4], 'NX', number, member) == 1 then waits(member, 1) end
	redis.call('HSETNX', KEYS[3], ARGV[i + 4 * j + 2], ARGV[i + 4 * j + 3]) -- its place was freed, if it had a hold before
end
i = i + 4 * came
for j = i, #ARGV do
	if redis.call('ZREM', KEYS[4], ARGV[j]) == 1 then waits(ARGV[j], -1) end
end
return 1`)

// Tell writes what a transaction changed: one script per event, all of them in one round trip. ErrNotOurs if a newer leader
// has told this Redis where the lines stand; an outcome of no epoch is nobody's.
func (l *Line) Tell(ctx context.Context, out store.Outcome, p Passed) error {
	err := l.tellAll(ctx, out, p)
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // this Redis has not seen the script, or has forgotten it
		if err = tell.Load(ctx, l.rdb).Err(); err == nil {
			err = l.tellAll(ctx, out, p) // what was told before is told again, which changes nothing
		}
	}
	if err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	return nil
}

func (l *Line) tellAll(ctx context.Context, out store.Outcome, p Passed) error {
	pipe := l.rdb.Pipeline()
	var done []*redis.Cmd
	orders := map[int64][]store.Order{}
	for _, o := range out.Orders {
		orders[o.EventID] = append(orders[o.EventID], o)
	}
	for id := range touched(out, p) {
		var fields, closed, came, went []any
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
		var head, written int64
		for _, o := range orders[id] {
			written = max(written, o.Number)
		}
		if written > 0 {
			fields = append(fields, "written", written)
		}
		if its := p[id]; its != nil {
			head = its.head
			for typeID, upTo := range its.upTo {
				fields = append(fields, fmt.Sprintf("passed:%d", typeID), upTo)
			}
		}
		for _, o := range orders[id] {
			if !o.Status.Open() {
				closed = append(closed, o.AccountID, o.ID.String())
			}
			if o.Status == store.Waiting {
				came = append(came, o.Number, lineMember(o.QueuedOrder), o.AccountID, o.ID.String())
			} else if !o.WaitedAt.IsZero() {
				went = append(went, lineMember(o.QueuedOrder))
			}
		}
		args := []any{out.Epoch, out.Batch, head, counts, len(fields)/2 - counts, len(closed) / 2, len(came) / 4}
		args = append(args, slices.Concat(fields, closed, came, went)...)
		keys := []string{eventKey(id), leftKey(id), openKey(id), waitingKey(id), epochKey}
		done = append(done, tell.EvalSha(ctx, pipe, keys, args...))
	}
	if pipe.Len() == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	for _, d := range done {
		if ours, err := d.Bool(); err != nil || !ours {
			return errors.Join(err, ErrNotOurs)
		}
	}
	return nil
}

// touched lists the events that an outcome or a line that moved is about.
func touched(out store.Outcome, p Passed) map[int64]bool {
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

// lineMember is an order as the sorted sets of a line keep it.
func lineMember(o store.QueuedOrder) string {
	return fmt.Sprintf("%d:%d:%d", o.Number, o.TicketTypeID, o.Quantity)
}

// AddLeavers records that orders left the line before their turn.
func (l *Line) AddLeavers(ctx context.Context, orders []store.QueuedOrder) error {
	if len(orders) == 0 {
		return nil
	}
	pipe := l.rdb.Pipeline()
	for _, o := range orders {
		pipe.ZAdd(ctx, leftKey(o.EventID), redis.Z{Score: float64(o.Number), Member: lineMember(o)})
	}
	_, err := pipe.Exec(ctx)
	return err
}

// Announce wakes the web processes: one message for each event that changed.
func (l *Line) Announce(ctx context.Context, out store.Outcome, p Passed) error {
	news := map[int64]*News{}
	for id := range touched(out, p) {
		news[id] = &News{EventID: id, Orders: []uuid.UUID{}}
	}
	for _, o := range out.Orders {
		news[o.EventID].Orders = append(news[o.EventID].Orders, o.ID)
	}
	pipe := l.rdb.Pipeline()
	for _, n := range news {
		if err := publish(ctx, pipe, *n); err != nil {
			return err
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}

// TellOrder tells of an order that changed while its line did not: money came or went.
func (l *Line) TellOrder(ctx context.Context, o store.Order) error {
	if !o.Status.Open() {
		if err := l.Close(ctx, o.EventID, o.AccountID, o.ID); err != nil {
			return err
		}
	}
	return l.Publish(ctx, News{EventID: o.EventID, Orders: []uuid.UUID{o.ID}})
}
