package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// rebuildAtOnce is how many commands go to Redis together.
const rebuildAtOnce = 1000

// RebuiltKey says that this Redis was told where the lines go on, and has not been emptied since that began.
const RebuiltKey = "guiche:rebuilt"

// Rebuild writes what a lost Redis has to know again: where the lines go on, who has a place, and the return list.
// It can be repeated. RebuiltKey comes first: it is gone if anything that follows is.
func (c *Cache) Rebuild(ctx context.Context, r Rebuilt) error {
	if err := c.rdb.Set(ctx, RebuiltKey, 1, 0).Err(); err != nil {
		return fmt.Errorf("rebuild the lines: %w", err)
	}
	pipe := c.rdb.Pipeline()
	send := func() error {
		_, err := pipe.Exec(ctx)
		if err != nil {
			return fmt.Errorf("rebuild the lines: %w", err)
		}
		return nil
	}
	for _, l := range r.Lines {
		pipe.HSet(ctx, eventKey(l.EventID), "joined", l.LastNumber, "head", l.LastNumber)
	}
	waiting := map[int64]map[string]int64{} // by event, the fields that count its return list
	for _, o := range r.Open {
		pipe.HSet(ctx, openKey(o.EventID), o.AccountID, o.ID.String())
		if o.Status == Waiting {
			member := lineMember(QueuedOrder{Number: o.Number, TicketTypeID: o.TicketTypeID, Quantity: o.Quantity})
			pipe.ZAdd(ctx, waitingKey(o.EventID), redis.Z{Score: float64(o.Number), Member: member})
			if waiting[o.EventID] == nil {
				waiting[o.EventID] = map[string]int64{}
			}
			waiting[o.EventID]["waiting"]++
			waiting[o.EventID][fmt.Sprintf("waits:%d", o.TicketTypeID)] += int64(o.Quantity)
		}
		if pipe.Len() >= rebuildAtOnce {
			if err := send(); err != nil {
				return err
			}
		}
	}
	for id, fields := range waiting {
		for field, n := range fields {
			pipe.HSet(ctx, eventKey(id), field, n)
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	return send()
}
