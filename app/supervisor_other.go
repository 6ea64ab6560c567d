//go:build unix && !linux

package app

import "syscall"

// attributes make a process group of its own, so that the terminal's Ctrl-C reaches the parent only.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
