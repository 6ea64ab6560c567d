// Package local runs private Postgres and Redis servers as child processes, for `guiche dev` and for tests.
//
// Each server has a folder of its own, listens on a Unix socket in it and on nothing else, writes its log there, and
// goes down with the process that started it: by Stop, and on Linux also when that process is killed. On other systems a
// killed process leaves its servers running; whoever starts on the same folder next stops them first. What they stored
// stays in the folder. Run as root, the servers become the user postgres, or nobody: PostgreSQL refuses root.
//
// A Postgres URL is for lib/pq and psql. A Redis URL is for ParseURL of go-redis, whose options say how the others get
// there: asynq.RedisClientOpt takes Network and Addr as they are, and redigo dials with
//
//	redigo.Dial(options.Network, options.Addr, redigo.DialDatabase(options.DB))
//
// Tests call NewDatabase and NewRedis, and get what nobody else uses.
package local

import (
	"errors"
	"fmt"
)

// ErrInUse says that another process runs a server on the same folder.
var ErrInUse = errors.New("another process uses this folder")

// MissingError says that a server is not installed, and how to get it.
type MissingError struct {
	Server   string // "PostgreSQL" or "Redis"
	Install  string // what to install, for people
	Variable string // the setting that makes a server of our own unnecessary
}

// Error is the whole message for a person.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed here: %s; or set %s", e.Server, e.Install, e.Variable)
}
