package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// PostgresOptions say how to run Postgres.
type PostgresOptions struct {
	Folder string // its own, made when it is missing
	// NoSync leaves it to the operating system when to write to the disk, and keeps a short log: quicker, and a power cut
	// may break the data.
	NoSync         bool
	MaxConnections int // 200 if 0
}

// owner is the role and the database that a fresh Postgres of ours has.
const owner = "guiche"

// StartPostgres runs Postgres on the folder and returns when it answers; the context bounds only that. On a fresh folder it
// makes the cluster and in it the empty database guiche. It returns *MissingError when PostgreSQL is not installed, and
// ErrInUse when another process runs a server on the folder.
func StartPostgres(ctx context.Context, o PostgresOptions) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		s, err := startPostgres(ctx, o)
		if err == nil {
			return s, nil
		}
		if !errors.Is(err, errOldBackends) || ctx.Err() != nil {
			return nil, fmt.Errorf("start Postgres: %w", err)
		}
	}
}

// errOldBackends says that a postmaster was killed and its children have not all noticed yet, which takes them a moment.
var errOldBackends = errors.New("processes of a killed Postgres are still there")

func startPostgres(ctx context.Context, o PostgresOptions) (_ *Server, err error) {
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
	bin, err := initPostgres(ctx, o, folder, data, as)
	if err != nil {
		return nil, err
	}
	note := filepath.Join(data, "postmaster.pid")
	if err := stopOrphan(ctx, note, data, syscall.SIGINT); err != nil {
		return nil, err
	}
	socket, err := placeSocket(folder, ".s.PGSQL.5432", as)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", data, "-k", socket}
	for _, setting := range []string{
		"listen_addresses=",
		"port=5432", // names the socket
		"max_connections=" + strconv.Itoa(orDefault(o.MaxConnections, 200)),
		"timezone=UTC",
		"log_timezone=UTC",
		"logging_collector=off",
		"log_destination=stderr",
		"log_error_verbosity=terse", // the details of a broken constraint hold personal data
	} {
		args = append(args, "-c", setting)
	}
	if o.NoSync {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
			"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "min_wal_size=2MB", "-c", "max_wal_size=64MB")
	}
	s := &Server{
		URL: postgresURL(socket, owner), Folder: folder,
		name: "Postgres", socket: socket, lock: lock, quit: syscall.SIGINT,
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	s.cmd.Dir, s.cmd.Env, s.cmd.SysProcAttr = data, environment(), attributes(as, s.quit)
	if err := s.start(); err != nil {
		return nil, err
	}
	err = s.wait(ctx, func() bool { return postgresReady(note, s.cmd.Process.Pid) })
	if err != nil && strings.Contains(s.log(), "is still in use") {
		return nil, errOldBackends
	}
	return s, err
}

// initPostgres makes the cluster if there is none, and returns the folder of the programs that can run it.
// A cluster gets its name when it is whole, so that a process killed in between leaves none behind.
func initPostgres(ctx context.Context, o PostgresOptions, folder, data string, as *syscall.Credential) (bin string, err error) {
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		return findPostgres(strings.TrimSpace(string(version)))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	bin, err = findPostgres("")
	if err != nil {
		return "", err
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	locale := "C.UTF-8" // knows ã from A, and is the same on every machine
	if runtime.GOOS != "linux" {
		locale = "C"
	}
	args := []string{"-D", fresh, "-U", owner, "-E", "UTF8", "--locale=" + locale, "--auth=trust"}
	if o.NoSync {
		args = append(args, "--no-sync", "--wal-segsize=1")
	}
	if err := run(ctx, folder, as, nil, filepath.Join(bin, "initdb"), args...); err != nil {
		return "", err
	}
	create := strings.NewReader("create database " + owner + "\n")
	if err := run(ctx, folder, as, create, filepath.Join(bin, "postgres"), "--single", "-D", fresh, "postgres"); err != nil {
		return "", err
	}
	return bin, os.Rename(fresh, data)
}

// postgresReady reads what the postmaster writes down for pg_ctl: its process id first, its state in the eighth line.
func postgresReady(note string, pid int) bool {
	content, err := os.ReadFile(note)
	if err != nil {
		return false
	}
	lines := bytes.Split(content, []byte("\n"))
	return len(lines) >= 8 && string(lines[0]) == strconv.Itoa(pid) && string(bytes.TrimSpace(lines[7])) == "ready"
}

// postgresURL names a database behind a socket in the manner of lib/pq and libpq.
func postgresURL(socket, database string) string {
	query := url.Values{"host": {socket}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User(owner), Path: "/" + database, RawQuery: query.Encode()}).String()
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}
