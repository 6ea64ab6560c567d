package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
)

// errConnect says that Postgres could not be reached, or that whoever answered takes no writes.
var errConnect = errors.New("connect to Postgres")

// Away says that Postgres cannot do now what it could do a moment ago and may do again soon: nothing is wrong with what was
// asked of it.
func Away(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return onlyNewConnectionCures(e) || e.Code.Name() == "lock_not_available" || e.Code.Name() == "query_canceled" ||
			e.Code.Class() == "40"
	}
	_, network := errors.AsType[net.Error](err)
	for _, known := range []error{errConnect, driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded} {
		network = network || errors.Is(err, known)
	}
	return network
}

// onlyNewConnectionCures says that a server said no in a way that the same connection may hear for ever, while a new one may
// lead to another server, or to the same one in another role: it takes no writes any more, is full, shuts down, or does not
// let this user do what she could do before.
func onlyNewConnectionCures(e *pq.Error) bool {
	switch e.Code.Class() {
	case "08", "28", "53", "57", "58":
		return e.Code.Name() != "query_canceled"
	}
	return e.Code.Name() == "read_only_sql_transaction" || e.Code.Name() == "insufficient_privilege"
}

// connector makes connections that are left as soon as only a new one can help; lib/pq keeps them whatever the server says.
type connector struct{ *pq.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConnect, err)
	}
	whole, ok := made.(pqConn)
	if !ok {
		return nil, errors.Join(errConnect, errors.New("lib/pq has other connections than this was built on"), made.Close())
	}
	return &conn{pqConn: whole}, nil
}

// pqConn is all that database/sql uses of a connection of lib/pq.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// conn is a connection that knows when it is spent. database/sql closes a spent one as soon as it is given back.
type conn struct {
	pqConn
	spent bool
}

// heard notes what the server answered.
func (c *conn) heard(err error) error {
	if e, ok := errors.AsType[*pq.Error](err); ok && onlyNewConnectionCures(e) {
		c.spent = true
	}
	return err
}

func (c *conn) IsValid() bool { return !c.spent && c.pqConn.IsValid() }

func (c *conn) ResetSession(ctx context.Context) error {
	if c.spent {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, c.heard(err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	return rows, c.heard(err)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	prepared, err := c.pqConn.PrepareContext(ctx, query)
	return prepared, c.heard(err)
}

func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	begun, err := c.pqConn.BeginTx(ctx, options)
	if err != nil {
		return nil, c.heard(err)
	}
	return tx{begun, c}, nil
}

// tx is a transaction whose end may say no too.
type tx struct {
	driver.Tx
	conn *conn
}

func (t tx) Commit() error { return t.conn.heard(t.Tx.Commit()) }
