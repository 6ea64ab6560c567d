package web

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// What a session opened and that is not read again, a pass or live updates, ends with it: sessions that ended are listed
// in Redis for as long as such things live, and every web process follows the list.
const (
	endedKey   = "guiche:sessions:ended"
	endedTime  = passTime + time.Minute
	endedEvery = time.Second
)

// noteEnded is the part of a script that lists sessions, by Redis' own clock in milliseconds.
const noteEnded = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local function note(id, list, keep)
	redis.call('ZADD', list, ms, id)
	redis.call('ZREMRANGEBYSCORE', list, '-inf', ms - keep)
	redis.call('PEXPIRE', list, keep)
end`

// endedSessions knows the sessions that ended in the last minutes.
type endedSessions struct {
	redis *redis.Client
	log   *slog.Logger
	heard func() // something ended

	mu  sync.Mutex
	ids map[string]time.Time // when this process learned of it
}

// has says that a session has ended.
func (e *endedSessions) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ended := e.ids[id]
	return ended
}

// add notes sessions that ended, and forgets those of which nothing can be left.
func (e *endedSessions) add(ids ...string) {
	e.mu.Lock()
	fresh := false
	for _, id := range ids {
		if _, known := e.ids[id]; !known {
			e.ids[id], fresh = time.Now(), true
		}
	}
	for id, at := range e.ids {
		if time.Since(at) > endedTime {
			delete(e.ids, id)
		}
	}
	e.mu.Unlock()
	if fresh {
		e.heard()
	}
}

// follow reads the list until ctx ends. What was listed at the moment of the last reading is read twice.
func (e *endedSessions) follow(ctx context.Context) {
	every := time.NewTicker(endedEvery)
	defer every.Stop()
	from := "-inf"
	for {
		listed, err := e.redis.ZRangeByScoreWithScores(ctx, endedKey, &redis.ZRangeBy{Min: from, Max: "+inf"}).Result()
		if err != nil && ctx.Err() == nil {
			e.log.Warn("ended sessions are not heard of", "error", err)
		}
		ids := make([]string, len(listed))
		for i, z := range listed {
			ids[i] = z.Member.(string) // as ZADD was given it
			from = strconv.FormatInt(int64(z.Score), 10)
		}
		if len(ids) > 0 {
			e.add(ids...)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}
