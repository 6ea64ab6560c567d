package web

import (
	"errors"
	"time"

	redigo "github.com/gomodule/redigo/redis"

	"guiche/jobs"
)

const (
	// sessionTime bounds each step of a talk with Redis about a session.
	sessionTime = 2 * time.Second
	// sessionConnections is how many may be open, and as many idle: a rush closes none only to open it again.
	sessionConnections = 64
	// sessionConnectionLife and sessionAsked bound how long a Redis is believed that became a copy of another one: a sign-in
	// that was ended must not live on there.
	sessionConnectionLife = 30 * time.Second
	sessionAsked          = time.Second
)

// newSessionPool makes the connections to Redis over which sessions are kept: redisstore uses redigo.
func newSessionPool(redisURL string) (*redigo.Pool, error) {
	options, err := jobs.RedisOptions(redisURL) // redigo's own parser knows no Unix sockets
	if err != nil {
		return nil, err
	}
	dial := []redigo.DialOption{
		redigo.DialUsername(options.Username), redigo.DialPassword(options.Password),
		redigo.DialDatabase(options.DB), redigo.DialConnectTimeout(sessionTime),
		redigo.DialReadTimeout(sessionTime), redigo.DialWriteTimeout(sessionTime),
	}
	if options.TLSConfig != nil {
		dial = append(dial, redigo.DialUseTLS(true), redigo.DialTLSConfig(options.TLSConfig))
	}
	memory := &jobs.AwayMemory{}
	return &redigo.Pool{
		MaxIdle: sessionConnections, MaxActive: sessionConnections, Wait: true,
		IdleTimeout: time.Minute, MaxConnLifetime: sessionConnectionLife,
		Dial: func() (redigo.Conn, error) {
			if err := memory.Allow(); err != nil {
				return nil, err // whoever waited for a connection hears it at once
			}
			made, err := redigo.Dial(options.Network, options.Addr, dial...)
			if err != nil {
				memory.ReportResult(err)
				return nil, err
			}
			c := &sessionConn{Conn: made, memory: memory}
			if err := c.wantMaster(); err != nil {
				return nil, errors.Join(err, c.Close())
			}
			return c, nil
		},
		TestOnBorrow: func(c redigo.Conn, _ time.Time) error {
			own, ok := c.(*sessionConn)
			if !ok || time.Since(own.asked) < sessionAsked {
				return nil
			}
			return own.wantMaster()
		},
	}, nil
}

// sessionConn is a connection that is closed as soon as only a new one can help. redigo would keep it as long as it is used.
type sessionConn struct {
	redigo.Conn
	memory *jobs.AwayMemory
	asked  time.Time // when its server was last asked what it is
}

// Do is one command and its answer.
func (c *sessionConn) Do(command string, args ...any) (any, error) {
	reply, err := c.Conn.Do(command, args...)
	said, answered := errors.AsType[redigo.Error](err)
	if answered && jobs.SaysNo(said.Error()) {
		_ = c.Close() // the pool sees it and makes a new one
	}
	if answered {
		c.memory.ReportResult(nil)
	} else {
		c.memory.ReportResult(err)
	}
	return reply, err
}

// errCopy says that a connection leads to a copy of another Redis, which takes no writes and may be behind.
var errCopy = errors.New("redis here is a copy of another one")

// wantMaster refuses a server that is a copy. Who may not ask, as at some hosts, is believed.
func (c *sessionConn) wantMaster() error {
	role, err := redigo.Values(c.Conn.Do("ROLE"))
	c.asked = time.Now()
	if _, refused := errors.AsType[redigo.Error](err); refused {
		return nil
	}
	c.memory.ReportResult(err)
	if err != nil || len(role) == 0 {
		return err
	}
	if name, _ := redigo.String(role[0], nil); name != "master" {
		return errCopy
	}
	return nil
}
