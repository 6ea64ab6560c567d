package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphan ends the server that a killed process of ours has left running on the data, if it is still there, and removes
// its pid file, which would be taken for that of a running server if another process has that number now.
// The folder's lock is ours when this is called.
func stopOrphan(ctx context.Context, note, data string, quit syscall.Signal) error {
	pid, err := readPID(note)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for first := true; pid > 1 && worksIn(pid, data); first = false {
		if first {
			// It may be gone by now, which the next look will tell.
			_ = syscall.Kill(pid, quit)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("process %d, left on %s by a process that was killed, does not stop: %w", pid, data, ctx.Err())
		case <-tick.C:
		}
	}
	if err := os.Remove(note); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// readPID reads the first line of the file; 0 if there is no number.
func readPID(note string) (int, error) {
	content, err := os.ReadFile(note)
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		pid = 0 // its writer was killed while writing it
	}
	return pid, nil
}
