package store

import (
	"context"
	"database/sql"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

const (
	// leaderStatement bounds one statement of the leader on the server's side.
	leaderStatement = "15s"
	// leaderRead bounds the wait for the server's answer on our side: a little longer than the statement may take.
	leaderRead = 20 * time.Second
	// leaderIdle is how long the server lets the leader be silent: a process that was stopped but is not dead loses its
	// session, and the lock with it. A living leader's heartbeat comes more often.
	leaderIdle = "5s"
	// leaderBeat is the time between two heartbeats of a living leader.
	leaderBeat = time.Second
	// leaderKeepalive is how soon TCP probes a silent connection, to notice a network that is gone.
	leaderKeepalive = 5 * time.Second
)

// connectLeader opens the one connection of a leader.
func connectLeader(ctx context.Context, databaseURL string) (*sqlx.DB, *sqlx.Conn, error) {
	dsn, err := withParams(databaseURL, map[string]string{
		"application_name":                    "guiche generator",
		"statement_timeout":                   leaderStatement,
		"idle_session_timeout":                leaderIdle,
		"idle_in_transaction_session_timeout": leaderIdle,
		targetServer:                          writable,
	})
	if err != nil {
		return nil, nil, err
	}
	to, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, nil, err
	}
	to.Dialer(leaderDialer{})
	db := sqlx.NewDb(sql.OpenDB(connector{to}), "postgres")
	db.MapperFunc(columnName)
	conn, err := db.Connx(ctx)
	if err != nil {
		_ = db.Close() // the first error matters
		return nil, nil, err
	}
	return db, conn, nil
}

// leaderDialer makes connections that notice that the server or the network has gone silent. lib/pq has no settings for
// that, and a context that is cancelled would kill the connection.
type leaderDialer struct{}

func (leaderDialer) Dial(network, address string) (net.Conn, error) {
	return leaderDialer{}.DialContext(context.Background(), network, address)
}

func (leaderDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return leaderDialer{}.DialContext(ctx, network, address)
}

func (leaderDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: leaderKeepalive, Interval: leaderKeepalive, Count: 3,
	}}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return impatient{c}, nil
}

// impatient is a connection on which nothing may take longer than leaderRead.
type impatient struct{ net.Conn }

func (c impatient) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(leaderRead)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c impatient) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(leaderRead)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
