package local

import (
	"fmt"
	"os"
	"syscall"
)

// attributes make a process group of its own, so that the terminal's Ctrl-C leaves a server to us, who know who still uses
// it; and they have Linux send a signal to the child when the thread that starts it ends.
func attributes(as *syscall.Credential, atDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: as, Setpgid: true, Pdeathsig: atDeath}
}

// worksIn tells whether the process lives and has data as its current folder, which servers go to when they start.
// A number alone says little: it may have been given to another process since it was written down.
func worksIn(pid int, data string) bool {
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && folder == data
}
