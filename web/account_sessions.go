package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"
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
//	KEYS  the account's sessions, the sessions that ended
//	ARGV  the prefix of sessions, how long ended ones are listed in milliseconds
var endSessions = redis.NewScript(noteEnded + `
local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, id in ipairs(ids) do
	redis.call('DEL', ARGV[1] .. id)
	note(id, KEYS[2], tonumber(ARGV[2]))
end
redis.call('DEL', KEYS[1])
return ids`)

func (s *sessions) endSessions(ctx context.Context, accountID int64) error {
	ids, err := endSessions.Run(ctx, s.redis, []string{sessionsKey(accountID), endedKey},
		sessionPrefix, endedTime.Milliseconds()).StringSlice()
	if err != nil {
		return unavailable(err)
	}
	s.ended.add(ids...)
	return nil
}

// keepEnded remembers for a moment whose session of a browser is ended by a new password.
func (s *sessions) keepEnded(c echo.Context, accountID int64) error {
	id := sessionOf(c)
	if id == "" {
		return nil
	}
	if err := s.redis.Set(c.Request().Context(), endedForKey(id), accountID, pressTime).Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// endedFor is whose session this browser came with, if a new password has ended it a moment ago; 0 for nobody's.
func (s *sessions) endedFor(c echo.Context) (accountID int64, err error) {
	id := sessionOf(c)
	if id == "" {
		return 0, nil
	}
	accountID, err = s.redis.Get(c.Request().Context(), endedForKey(id)).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, unavailable(err)
	}
	return accountID, nil
}

func endedForKey(session string) string { return "guiche:session:" + session + ":ended" }

// endSession lists one session as ended, which its own browser signed out of.
//
//	KEYS  the sessions that ended
//	ARGV  the session, how long ended ones are listed in milliseconds
var endSession = redis.NewScript(noteEnded + `
note(ARGV[1], KEYS[1], tonumber(ARGV[2]))
return 0`)

func (s *sessions) endSession(ctx context.Context, id string) error {
	if err := endSession.Run(ctx, s.redis, []string{endedKey}, id, endedTime.Milliseconds()).Err(); err != nil {
		return unavailable(err)
	}
	s.ended.add(id)
	return nil
}
