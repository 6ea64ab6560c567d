package line

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// rebuildAtOnce is how many commands go to Redis together.
const rebuildAtOnce = 1000

// Rebuild tells a Redis that lost its data, or has another past than Postgres, where the lines continue, who has a place,
// and who is on the return list. It can be repeated; until TakeOver nobody can join. rebuiltKey is written first: if Redis
// loses anything of what follows, it has lost that key too.
func (l *Line) Rebuild(ctx context.Context, r store.Rebuilt) error {
	pipe := l.rdb.TxPipeline()
	pipe.Set(ctx, rebuiltKey, 1, 0)
	pipe.Del(ctx, epochKey)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("rebuild the lines: %w", err)
	}
	send := func() error {
		_, err := pipe.Exec(ctx)
		if err != nil {
			return fmt.Errorf("rebuild the lines: %w", err)
		}
		return nil
	}
	for _, its := range r.Lines { // in one transaction, so that nobody finds a line without its numbers
		pipe.Unlink(ctx, eventKey(its.EventID), openKey(its.EventID), waitingKey(its.EventID), leftKey(its.EventID))
		pipe.HSet(ctx, eventKey(its.EventID), "joined", its.LastNumber, "head", its.LastNumber)
		if pipe.Len() >= rebuildAtOnce {
			if err := send(); err != nil {
				return err
			}
		}
	}
	waiting := map[int64]map[string]int64{} // by event, the fields that count its return list
	for _, o := range r.Open {
		pipe.HSet(ctx, openKey(o.EventID), o.AccountID, o.ID.String())
		if o.Status == store.Waiting {
			member := lineMember(store.QueuedOrder{Number: o.Number, TicketTypeID: o.TicketTypeID, Quantity: o.Quantity})
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
