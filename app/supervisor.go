package app

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// child is one role of this binary, as a process of its own.
type child struct {
	role string
	env  []string // the whole environment; of two entries the later one counts
}

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	// steady is how long a child runs before its next exit counts as a first one again.
	steady = 30 * time.Second
	// patience is how long a child may take to stop before it is killed.
	patience = 20 * time.Second
)

// supervise keeps the children running until ctx ends, the shape of production for dev and all; then it stops them, the
// last one first, and returns when all are gone.
func supervise(ctx context.Context, program string, log *slog.Logger, children ...child) {
	var running sync.WaitGroup
	stops := make([]context.CancelFunc, len(children))
	gone := make([]chan struct{}, len(children))
	for i, c := range children {
		// Each has a context of its own, since they stop one after the other.
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		stops[i], gone[i] = stop, make(chan struct{})
		running.Go(func() {
			defer close(gone[i])
			keep(own, program, log, c)
		})
	}
	<-ctx.Done()
	for i := len(children) - 1; i >= 0; i-- {
		stops[i]()
		<-gone[i]
	}
	running.Wait()
}

// keep starts a child again and again, after a pause that grows while it exits quickly.
func keep(ctx context.Context, program string, log *slog.Logger, c child) {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
		start := time.Now()
		err := once(ctx, program, c)
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) > steady {
			pause = firstPause
		}
		log.Warn("role exited and is started again", "role", c.role, "error", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// once runs a child to its end; when ctx ends it is asked to stop, and killed if it does not.
func once(ctx context.Context, program string, c child) error {
	// Linux ties the child to the thread that made it, so that thread has to live as long.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, program, c.role)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, os.Stdout, os.Stderr
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	return cmd.Run()
}
