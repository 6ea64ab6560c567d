package line

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// Past is what Redis remembers of the leaders and the lines before.
type Past struct {
	Epoch  int64           // of the newest leader; 0 if it knows none
	Joined map[int64]int64 // the last number that was given, by event
	Rows   map[int64]int64 // the last one that an order has which a leader told of after writing it
}

// Past reads it for some events.
func (l *Line) Past(ctx context.Context, lines []store.RebuiltLine) (p Past, err error) {
	pipe := l.rdb.Pipeline()
	epoch := pipe.Get(ctx, epochKey)
	fields := make([]*redis.SliceCmd, len(lines))
	for i, its := range lines {
		fields[i] = pipe.HMGet(ctx, eventKey(its.EventID), "joined", "written")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return Past{}, fmt.Errorf("what redis remembers: %w", err)
	}
	p.Epoch, _ = epoch.Int64() // 0 if there is none
	p.Joined, p.Rows = make(map[int64]int64, len(lines)), make(map[int64]int64, len(lines))
	for i, its := range lines {
		var event struct {
			Joined  int64 `redis:"joined"`
			Written int64 `redis:"written"`
		}
		if err := fields[i].Scan(&event); err != nil {
			return Past{}, fmt.Errorf("what redis remembers of event %d: %w", its.EventID, err)
		}
		p.Joined[its.EventID], p.Rows[its.EventID] = event.Joined, event.Written
	}
	return p, nil
}

// Behind lists the events of which Redis has given fewer numbers than orders have: it is an older copy of itself.
func (p Past) Behind(lines []store.RebuiltLine) (events []int64) {
	for _, its := range lines {
		if p.Joined[its.EventID] < its.LastNumber {
			events = append(events, its.EventID)
		}
	}
	return events
}

// Ahead lists the events in which Redis was told of orders that have no row: Postgres is an older copy of itself.
func (p Past) Ahead(lines []store.RebuiltLine) (events []int64) {
	for _, its := range lines {
		if p.Rows[its.EventID] > its.LastNumber {
			events = append(events, its.EventID)
		}
	}
	return events
}

// Distrust lets nobody join until the next leader has rebuilt the lines.
func (l *Line) Distrust(ctx context.Context) error { return l.rdb.Del(ctx, epochKey).Err() }
