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
}

// Past reads it for some events.
func (l *Line) Past(ctx context.Context, lines []store.RebuiltLine) (p Past, err error) {
	pipe := l.rdb.Pipeline()
	epoch := pipe.Get(ctx, epochKey)
	joined := make([]*redis.StringCmd, len(lines))
	for i, its := range lines {
		joined[i] = pipe.HGet(ctx, eventKey(its.EventID), "joined")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return Past{}, fmt.Errorf("what redis remembers: %w", err)
	}
	p.Epoch, _ = epoch.Int64() // 0 if there is none
	p.Joined = make(map[int64]int64, len(lines))
	for i, its := range lines {
		p.Joined[its.EventID], _ = joined[i].Int64()
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

// Distrust lets nobody join until the next leader has rebuilt the lines.
func (l *Line) Distrust(ctx context.Context) error { return l.rdb.Del(ctx, epochKey).Err() }
