package jobs

import (
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisAway says that Redis cannot do now what it could do a moment ago and may do again soon: it does not answer, or says
// no to everything.
func RedisAway(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return false
	}
	var said redis.Error
	if errors.As(err, &said) {
		return SaysNo(said.Error())
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, errCopy) || errors.Is(err, ErrRedisAway) || errors.Is(err, redis.ErrPoolTimeout)
}

// SaysNo says that an answer of Redis is about its state, and not about what was asked.
func SaysNo(answer string) bool {
	for _, word := range []string{"READONLY", "LOADING", "MASTERDOWN", "OOM", "NOAUTH", "WRONGPASS", "NOPERM", "MISCONF", "BUSY ", "NOREPLICAS", "EXECABORT", "ERR max number of clients"} {
		if strings.HasPrefix(answer, word) {
			return true
		}
	}
	return false
}

// ErrRedisAway says that Redis was found away a moment ago and is not asked again yet.
var ErrRedisAway = errors.New("redis is away")

const (
	// awayHolds is how long it is remembered that Redis was away.
	awayHolds = time.Second
	// awayTries is how many commands may then find out whether it is back: making one connection takes some.
	awayTries = 8
)

// AwayMemory keeps requests from queueing up for a Redis that does not answer: after one has found that out they fail at
// once, and each second a few are let through to look again. A Redis that answers others is not away.
type AwayMemory struct {
	mu       sync.Mutex
	answered time.Time // when it last answered
	away     time.Time // since when it is away, or was looked for again; zero while it answers
	tries    int       // that are left
}

// Allow is ErrRedisAway while Redis is away.
func (a *AwayMemory) Allow() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away.IsZero() {
		return nil
	}
	if time.Since(a.away) > awayHolds {
		a.away, a.tries = time.Now(), awayTries
	}
	if a.tries == 0 {
		return ErrRedisAway
	}
	a.tries--
	return nil
}

// ReportResult notes how a command ended.
func (a *AwayMemory) ReportResult(err error) {
	var said redis.Error
	var network net.Error
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil || errors.As(err, &said):
		a.answered, a.away = time.Now(), time.Time{}
	case errors.As(err, &network) && a.away.IsZero() && time.Since(a.answered) > awayHolds:
		a.away, a.tries = time.Now(), 0
	}
}
