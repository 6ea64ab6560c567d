package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// An account's sessions are listed beside them in Redis, so that a new password can end them all. Reading a
// session takes no command more.

// mostSessions is how many sessions an account may have; one more ends the oldest.
const mostSessions = 100

// sessionPrefix is where redisstore keeps sessions.
const sessionPrefix = "scs:session:"

func sessionsKey(accountID int64) string { return fmt.Sprintf("guiche:account:%d:sessions", accountID) }

// sessionID is the key under which scs keeps a session, with HashTokenInStore.
func sessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// listSession adds a session to its account's list, drops expired ones, and ends the oldest beyond the maximum.
//
//	KEYS  the account's sessions
//	ARGV  the session, its end, now (both in seconds), the maximum, the prefix of sessions
var listSession = redis.NewScript(`
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
local old = redis.call('ZRANGE', KEYS[1], 0, -1 - tonumber(ARGV[4]))
for _, id in ipairs(old) do
	redis.call('DEL', ARGV[5] .. id)
	redis.call('ZREM', KEYS[1], id)
end
redis.call('EXPIREAT', KEYS[1], ARGV[2])
return #old`)

func (s *sessions) listSession(ctx context.Context, accountID int64, token string) error {
	now := time.Now()
	err := listSession.Run(ctx, s.redis, []string{sessionsKey(accountID)},
		sessionID(token), now.Add(sessionLife).Unix(), now.Unix(), mostSessions, sessionPrefix).Err()
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// endSessions ends every session of an account.
//
//	KEYS  the account's sessions
//	ARGV  the prefix of sessions
var endSessions = redis.NewScript(`
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, id in ipairs(ids) do
	redis.call('DEL', ARGV[1] .. id)
end
redis.call('DEL', KEYS[1])
return #ids`)

func (s *sessions) endSessions(ctx context.Context, accountID int64) error {
	if err := endSessions.Run(ctx, s.redis, []string{sessionsKey(accountID)}, sessionPrefix).Err(); err != nil {
		return unavailable(err)
	}
	return nil
}
