package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// startLimit is how long a start may take, making a cluster and waiting for a killed predecessor included.
const startLimit = time.Minute

// Server is a running server of ours.
type Server struct {
	URL    string // for DATABASE_URL or REDIS_URL
	Folder string // where its data and its log really are

	name   string
	socket string // the folder of its socket
	lock   *os.File
	before int64 // the size of the log when it started
	cmd    *exec.Cmd
	quit   syscall.Signal // asks it to shut down at once, cleanly
	done   chan struct{}
	err    error // how it ended; read after done is closed
}

// Name is what people call it.
func (s *Server) Name() string { return s.name }

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err tells how the server ended; nil before Done and after a clean stop.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop shuts the server down cleanly and waits until it is gone. If the context ends first, the server is killed, which its
// data survives: what it promised to keep is there at the next start.
func (s *Server) Stop(ctx context.Context) error {
	s.signal(s.quit)
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		s.Kill()
		return fmt.Errorf("%s was killed: %w", s.name, ctx.Err())
	}
}

// Kill ends the server as a power cut would, and waits until it is gone.
func (s *Server) Kill() {
	s.signal(syscall.SIGKILL)
	<-s.done
}

func (s *Server) signal(sig syscall.Signal) {
	// An error means that it is gone already, which Done tells.
	_ = s.cmd.Process.Signal(sig)
}

// start runs the command as the server's process, with its output appended to the log, and gives the folder's lock back when it ends.
func (s *Server) start() error {
	log, err := openLog(s.Folder)
	if err != nil {
		return err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return err
	}
	s.before = info.Size()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.done = make(chan struct{})
	started := make(chan error)
	go func() {
		// Linux ties the child to the thread that made it (attributes), so that thread has to live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		s.err = s.cmd.Wait()
		// It may be in a temporary folder. The next start makes a new one, and clears away one that stays behind.
		_ = os.RemoveAll(s.socket)
		s.lock.Close()
		close(s.done)
	}()
	return <-started
}

// wait returns when the server is ready, has ended, or the context has.
func (s *Server) wait(ctx context.Context, ready func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-s.done:
			return fmt.Errorf("%s ended while starting: %w: %s", s.name, s.err, s.log())
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("%s did not get ready: %w: %s", s.name, ctx.Err(), s.log())
		case <-tick.C:
		}
	}
	return nil
}

// log is what the server has written since this start.
func (s *Server) log() string {
	return logSince(s.Folder, s.before)
}

// logSince is what was written to a folder's log after its first so many bytes, cut to what fits in an error.
func logSince(folder string, before int64) string {
	const most = 1000
	content, err := os.ReadFile(filepath.Join(folder, "log"))
	if err != nil {
		return err.Error()
	}
	content = content[min(before, int64(len(content))):]
	return strings.TrimSpace(string(content[max(0, len(content)-most):]))
}

// environment is all that the servers get: a locale that every machine has, and no settings meant for somebody else.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "HOME=/"}
}

const longestLog = 10 << 20

// openLog opens the log of a server to append to. A long one makes room for a new one first.
func openLog(folder string) (*os.File, error) {
	path := filepath.Join(folder, "log")
	if info, err := os.Stat(path); err == nil && info.Size() > longestLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// run runs one program to its end, in the manner of a server, with its output in the log.
func run(ctx context.Context, folder string, as *syscall.Credential, stdin io.Reader, program string, args ...string) error {
	log, err := openLog(folder)
	if err != nil {
		return err
	}
	info, err := log.Stat()
	if err != nil {
		return errors.Join(err, log.Close())
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = folder, environment(), attributes(as, syscall.SIGKILL)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, log, log
	err = errors.Join(cmd.Run(), log.Close())
	if err != nil {
		return fmt.Errorf("%s: %w; %s: %s", filepath.Base(program), err, filepath.Join(folder, "log"), logSince(folder, info.Size()))
	}
	return nil
}
