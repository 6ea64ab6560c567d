//go:build unix && !linux

package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a process group of its own, so that the terminal's Ctrl-C leaves a server to us, who know who still uses
// it. Nothing here ends a child with its parent: see stopOrphan.
func attributes(as *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Setpgid: true}
}

// worksIn tells whether the process lives and is a server. Its folder cannot be asked for here; the lock on the folder
// already says that whoever wrote the number down there was one of ours.
func worksIn(pid int, _ string) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	name := string(out)
	return err == nil && (strings.Contains(name, "postgres") || strings.Contains(name, "redis") || strings.Contains(name, "valkey"))
}
