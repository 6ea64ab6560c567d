package local

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Sync says when Redis flushes its log of writes to the disk.
type Sync string

// When to flush. Only SyncAlways, before a write is acknowledged, keeps what was promised.
const (
	SyncAlways   Sync = "always"
	SyncEverySec Sync = "everysec"
	SyncNo       Sync = "no"
)

// RedisOptions say how to run Redis.
type RedisOptions struct {
	Folder string // its own, made when it is missing
	Sync   Sync   // SyncAlways if empty
}

// StartRedis runs Redis on the folder and returns when it answers; the context bounds only that. It returns *MissingError
// when Redis is not installed, and ErrInUse when another process runs a server on the folder.
func StartRedis(ctx context.Context, o RedisOptions) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	s, err := startRedis(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start Redis: %w", err)
	}
	return s, nil
}

func startRedis(ctx context.Context, o RedisOptions) (_ *Server, err error) {
	program, err := findRedis()
	if err != nil {
		return nil, err
	}
	folder, as, lock, err := takeFolder(o.Folder)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	data := filepath.Join(folder, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(data, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	note := filepath.Join(data, "redis.pid")
	if err := stopOrphan(ctx, note, data, syscall.SIGTERM); err != nil {
		return nil, err
	}
	place, err := placeSocket(folder, "redis.sock", as)
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(place, "redis.sock")
	if o.Sync == "" {
		o.Sync = SyncAlways
	}
	s := &Server{
		URL: (&url.URL{Scheme: "unix", Path: socket, RawQuery: "db=0"}).String(), Folder: folder,
		name: "Redis", socket: place, lock: lock, quit: syscall.SIGTERM,
	}
	s.cmd = exec.Command(program,
		"--port", "0", "--unixsocket", socket, "--unixsocketperm", "777", // its folder is private
		"--dir", data, "--pidfile", note, "--daemonize", "no",
		"--appendonly", "yes", "--appendfsync", string(o.Sync), "--save", "",
		"--maxmemory-policy", "noeviction",
	)
	s.cmd.Args[0] = "redis-server" // see findRedis
	s.cmd.Dir, s.cmd.Env, s.cmd.SysProcAttr = data, environment(), attributes(as, s.quit)
	if err := s.start(); err != nil {
		return nil, err
	}
	return s, s.wait(ctx, func() bool { return redisReady(socket) })
}

// redisReady asks Redis itself: it accepts connections before it has loaded its data.
func redisReady(socket string) bool {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if conn.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && answer == "+PONG\r\n"
}
