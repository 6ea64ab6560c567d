package app

import "syscall"

// attributes make a process group of its own, so that the terminal's Ctrl-C reaches the parent only, and have Linux
// kill the child when its parent is gone.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
