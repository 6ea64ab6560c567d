package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// takeFolder makes the folder of a server, locks it, and tells who the server has to run as; nil means as this process.
func takeFolder(asked string) (folder string, as *syscall.Credential, lock *os.File, err error) {
	if as, err = serverUser(); err != nil {
		return "", nil, nil, err
	}
	if folder, err = placeFolder(asked, as); err != nil {
		return "", nil, nil, err
	}
	lock, err = lockFolder(folder)
	return folder, as, lock, err
}

// lockFolder makes a folder ours until the returned file is closed or this process ends, however it ends.
func lockFolder(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s: %w", folder, ErrInUse)
	}
	return nil, fmt.Errorf("lock %s: %w", folder, err)
}
